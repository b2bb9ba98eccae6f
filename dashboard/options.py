"""Every option of Streamlit that the dashboard relies on, given in code and checked at the start, and its theme."""

from __future__ import annotations

from typing import Any

from streamlit import config
from streamlit.web import bootstrap

from dashboard.importing import LARGEST_MB
from dashboard.who import IDENTITY, USER_KEY
from registry.errors import EnvironmentRefused

_SERVICE: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "client.allowedOrigins": [],  # no page of another origin may send messages into ours
    "client.disableDataExport": True,  # records leave through the export, with its permission and its trail
    "client.showErrorDetails": "none",  # the default sends SQL, paths and values to the browser
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    # Tracebacks hold values of records: failures.py writes the one line that the log gets.
    "logger.enableRich": False,
    "logger.hideWelcomeMessage": True,
    "logger.level": "critical",
    "runner.magicEnabled": False,
    # A full collection after a run stops all sessions; server.py freezes what is imported and collects now and then.
    "runner.postScriptGC": False,
    "secrets.files": [],
    "server.address": "127.0.0.1",
    "server.allowRunOnSave": False,
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": LARGEST_MB,
    "server.runOnSave": False,
    "server.scriptHealthCheckEnabled": False,
    "server.showEmailPrompt": False,
    # Streamlit gives a session of its own to another user, also to one who knows the id of this one.
    "server.trustedUserHeaders": {IDENTITY: USER_KEY},
    "server.xsrfCookieSameSite": "strict",
}

_THEME: dict[str, Any] = {
    "theme.baseRadius": "small",
    "theme.headingFontSizes": ["1.6rem", "1.15rem", "1rem"],
    "theme.headingFontWeights": [650, 600, 600],
    "theme.metricValueFontSize": "1.7rem",
    "theme.paddingTop": "1.2rem",
    "theme.paddingBottom": "4rem",
    "theme.showWidgetBorder": True,
}

_LIGHT: dict[str, Any] = {
    "primaryColor": "#14616b",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f3f6f7",
    "textColor": "#1c2529",
    "linkColor": "#14616b",
    "borderColor": "#dbe2e4",
    "dataframeBorderColor": "#e3e9ea",
    "dataframeHeaderBackgroundColor": "#f3f6f7",
}

_DARK: dict[str, Any] = {
    "primaryColor": "#5cc0c7",
    "backgroundColor": "#14171c",
    "secondaryBackgroundColor": "#1d2228",
    "textColor": "#e9edef",
    "linkColor": "#7fd0d6",
    "borderColor": "#353d45",
    "dataframeBorderColor": "#2c333a",
    "dataframeHeaderBackgroundColor": "#1d2228",
}

OPTIONS: dict[str, Any] = {
    **_SERVICE,
    **_THEME,
    **{f"theme.light.{name}": value for name, value in _LIGHT.items()},
    **{f"theme.dark.{name}": value for name, value in _DARK.items()},
}


def apply() -> None:
    """Sets the options above over whatever a file or the environment says.

    Raises EnvironmentRefused where one of them did not take: the pages are not served with another.
    """
    bootstrap.load_config_options(OPTIONS)
    for name, value in OPTIONS.items():
        if config.get_option(name) != value:
            raise EnvironmentRefused(
                "An option of Streamlit has another value than the dashboard gave it",
                got=name,
                remedy="Install the version of Streamlit that oligomet names",
            )
