"""One enrolled person: consent, vital status and last contact."""

from registry.tables.columns import Record, code, date, ref, text


class Patient(Record):
    """An enrolled person, from consent to last contact or death."""

    __tablename__ = "patient"
    ordered = (("birth_date", "death_on"), ("birth_date", "last_contact_on"))

    patient_id = text("Pseudonymous registry identifier; unique over all centers", key=True)
    center_id = ref("Enrolling center", to="center", required=True)
    sex = code("Sex", "female", "male", required=True)
    birth_date = date("Date of birth; exported to researchers as age only", required=True, identifying=True)
    enrolled_on = date("Date of enrollment in the registry", required=True)
    consent_status = code("Consent to registration", "given", "waived", "withdrawn", required=True)
    consent_on = date("Date of the consent status")
    trial_participation = code("Multicenter trial offered or entered", "not_offered", "declined", "entered")
    vital_status = code("Vital status at last contact", "alive", "dead", required=True)
    last_contact_on = date("Last date on which the vital status was known", required=True)
    death_on = date("Date of death; required where vital_status is dead", only_where=("vital_status", ("dead",)))
    cause_of_death = code(
        "Cause of death", "cancer", "treatment", "other", "unknown", only_where=("vital_status", ("dead",))
    )
