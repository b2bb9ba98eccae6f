"""The ESTRO/EORTC class of an oligometastatic state (Guckenberger et al., Lancet Oncol 2020;21:e18-28)."""

from __future__ import annotations

from analytics.consensus.facts import Facts
from analytics.consensus.logic import Choice, Term


def omd_class(facts: Facts) -> Choice:
    """De novo, repeat or induced; synchronous, or by what happened under and without systemic therapy.

    ``outside`` where there are two or more extrapulmonary sites. A de novo metachronous state under systemic therapy
    without a progressing lesion is none of the class: it stays undetermined and is a data query.
    """
    untreated, progressing = ~facts.under_systemic_therapy, facts.progressing_lesion
    induced, repeat = facts.prior_polymetastatic, facts.earlier_episode
    de_novo = ~induced & ~repeat
    cases: list[tuple[str, Term]] = [("outside", facts.two_sites)]
    for state, holds in (("induced", induced), ("repeat", ~induced & repeat)):
        cases.append((f"{state}_oligorecurrence", holds & untreated))
        cases.append((f"{state}_oligoprogression", holds & ~untreated & progressing))
        cases.append((f"{state}_oligopersistence", holds & ~untreated & ~progressing))
    cases.append(("de_novo_synchronous", de_novo & facts.soon_after_primary))
    metachronous = de_novo & ~facts.soon_after_primary
    cases.append(("de_novo_metachronous_oligorecurrence", metachronous & untreated))
    cases.append(("de_novo_metachronous_oligoprogression", metachronous & ~untreated & progressing))
    return Choice("omd_class", cases, otherwise="undetermined", unknown="undetermined")
