"""Reasons for knowingly leaving the consensus."""

from registry.tables.columns import Record, code, episode_number, number_of_record, owner, text


class RuleException(Record):
    """A recorded reason why a rule of the consensus was knowingly not followed."""

    __tablename__ = "rule_exception"

    patient_id = owner()
    record_no = number_of_record()
    episode_no = episode_number()
    rule_id = text("Rule of the consensus that was knowingly not followed", required=True)
    reason = code(
        "Why the rule was not followed",
        "performance_status",
        "refusal",
        "toxicity",
        "progression",
        "complication",
        "contraindication",
        "no_tissue",
        "mdt_decision",
        "other",
        required=True,
    )
    note = text("What else is worth knowing", identifying=True)
