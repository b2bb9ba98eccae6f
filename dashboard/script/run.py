"""What Streamlit runs for every session and every change: the page that the address names.

This file stands in a folder of its own. Streamlit serves the files of a folder `pages` beside it by their names,
before and without the table of pages, and so without what the table demands of the viewer.
"""

from dashboard.app import main

main()
