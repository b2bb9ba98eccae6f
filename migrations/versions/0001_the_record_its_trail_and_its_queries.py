"""The record, its trail and its queries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "center",
        sa.Column("center_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), autoincrement=False, nullable=True),
        sa.Column("country", sa.String(), autoincrement=False, nullable=True),
        sa.Column("name__absent", sa.String(length=4), nullable=True),
        sa.Column("country__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "country__absent IS NULL OR country__absent = 'NAP' OR country__absent = 'NASK' OR country__absent = 'ND' OR country__absent = 'UNK'",
            name=op.f("ck_center_country_absent"),
        ),
        sa.CheckConstraint(
            "name__absent IS NULL OR name__absent = 'NAP' OR name__absent = 'NASK' OR name__absent = 'ND' OR name__absent = 'UNK'",
            name=op.f("ck_center_name_absent"),
        ),
        sa.CheckConstraint("country IS NULL OR country__absent IS NULL", name=op.f("ck_center_country_either")),
        sa.CheckConstraint("length(center_id) BETWEEN 1 AND 64", name=op.f("ck_center_center_id_form")),
        sa.CheckConstraint("length(country) BETWEEN 1 AND 10000", name=op.f("ck_center_country_form")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 10000", name=op.f("ck_center_name_form")),
        sa.CheckConstraint("name IS NOT NULL OR name__absent IS NOT NULL", name=op.f("ck_center_name_required")),
        sa.CheckConstraint("name IS NULL OR name__absent IS NULL", name=op.f("ck_center_name_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_center_version_positive")),
        sa.PrimaryKeyConstraint("center_id", name=op.f("pk_center")),
    )
    op.create_table(
        "change",
        sa.Column("revision_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.CheckConstraint(
            "action = 'insert' OR action = 'update' OR action = 'delete'", name=op.f("ck_change_action_codes")
        ),
        sa.PrimaryKeyConstraint("revision_id", "position", name=op.f("pk_change")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_owner", ["owner"], unique=False)

    op.create_table(
        "data_query",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (resolution <> '')", name=op.f("ck_data_query_closed_with_resolution")
        ),
        sa.CheckConstraint(
            "resolution = '' OR resolution = 'corrected' OR resolution = 'confirmed'",
            name=op.f("ck_data_query_resolution_codes"),
        ),
        sa.CheckConstraint(
            "state = 'open' OR state = 'answered' OR state = 'closed'", name=op.f("ck_data_query_state_codes")
        ),
        sa.PrimaryKeyConstraint(
            "owner", "check_id", "table_name", "record_key", "column_name", name=op.f("pk_data_query")
        ),
    )
    op.create_table(
        "revision",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("changes >= 0", name=op.f("ck_revision_changes_counted")),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_revision_hash_length")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_revision_reason_given")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_revision")),
        sa.UniqueConstraint("hash", name=op.f("uq_revision_hash")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_revision_previous_hash")),
        sa.UniqueConstraint("revision_id", name=op.f("uq_revision_revision_id")),
    )
    op.create_table(
        "data_query_message",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("written_at", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.CheckConstraint("length(message) BETWEEN 1 AND 10000", name=op.f("ck_data_query_message_message_length")),
        sa.ForeignKeyConstraint(
            ["owner", "check_id", "table_name", "record_key", "column_name"],
            [
                "data_query.owner",
                "data_query.check_id",
                "data_query.table_name",
                "data_query.record_key",
                "data_query.column_name",
            ],
            name="fk_data_query_message_query",
        ),
        sa.PrimaryKeyConstraint(
            "owner", "check_id", "table_name", "record_key", "column_name", "number", name=op.f("pk_data_query_message")
        ),
    )
    op.create_table(
        "patient",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("center_id", sa.String(), autoincrement=False, nullable=True),
        sa.Column("sex", sa.String(), autoincrement=False, nullable=True),
        sa.Column("birth_date", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("enrolled_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("consent_status", sa.String(), autoincrement=False, nullable=True),
        sa.Column("consent_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("trial_participation", sa.String(), autoincrement=False, nullable=True),
        sa.Column("vital_status", sa.String(), autoincrement=False, nullable=True),
        sa.Column("last_contact_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("death_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("cause_of_death", sa.String(), autoincrement=False, nullable=True),
        sa.Column("center_id__absent", sa.String(length=4), nullable=True),
        sa.Column("sex__absent", sa.String(length=4), nullable=True),
        sa.Column("birth_date__absent", sa.String(length=4), nullable=True),
        sa.Column("enrolled_on__absent", sa.String(length=4), nullable=True),
        sa.Column("consent_status__absent", sa.String(length=4), nullable=True),
        sa.Column("consent_on__absent", sa.String(length=4), nullable=True),
        sa.Column("trial_participation__absent", sa.String(length=4), nullable=True),
        sa.Column("vital_status__absent", sa.String(length=4), nullable=True),
        sa.Column("last_contact_on__absent", sa.String(length=4), nullable=True),
        sa.Column("death_on__absent", sa.String(length=4), nullable=True),
        sa.Column("cause_of_death__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("birth_date BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_patient_birth_date_form")),
        sa.CheckConstraint(
            "birth_date__absent IS NULL OR birth_date__absent = 'NAP' OR birth_date__absent = 'NASK' OR birth_date__absent = 'ND' OR birth_date__absent = 'UNK'",
            name=op.f("ck_patient_birth_date_absent"),
        ),
        sa.CheckConstraint(
            "cause_of_death IS NULL OR cause_of_death = 'cancer' OR cause_of_death = 'treatment' OR cause_of_death = 'other' OR cause_of_death = 'unknown'",
            name=op.f("ck_patient_cause_of_death_codes"),
        ),
        sa.CheckConstraint(
            "cause_of_death__absent IS NULL OR cause_of_death__absent = 'NAP' OR cause_of_death__absent = 'NASK' OR cause_of_death__absent = 'ND' OR cause_of_death__absent = 'UNK'",
            name=op.f("ck_patient_cause_of_death_absent"),
        ),
        sa.CheckConstraint(
            "center_id__absent IS NULL OR center_id__absent = 'NAP' OR center_id__absent = 'NASK' OR center_id__absent = 'ND' OR center_id__absent = 'UNK'",
            name=op.f("ck_patient_center_id_absent"),
        ),
        sa.CheckConstraint("consent_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_patient_consent_on_form")),
        sa.CheckConstraint(
            "consent_on__absent IS NULL OR consent_on__absent = 'NAP' OR consent_on__absent = 'NASK' OR consent_on__absent = 'ND' OR consent_on__absent = 'UNK'",
            name=op.f("ck_patient_consent_on_absent"),
        ),
        sa.CheckConstraint(
            "consent_status IS NULL OR consent_status = 'given' OR consent_status = 'waived' OR consent_status = 'withdrawn'",
            name=op.f("ck_patient_consent_status_codes"),
        ),
        sa.CheckConstraint(
            "consent_status__absent IS NULL OR consent_status__absent = 'NAP' OR consent_status__absent = 'NASK' OR consent_status__absent = 'ND' OR consent_status__absent = 'UNK'",
            name=op.f("ck_patient_consent_status_absent"),
        ),
        sa.CheckConstraint("death_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_patient_death_on_form")),
        sa.CheckConstraint(
            "death_on__absent IS NULL OR death_on__absent = 'NAP' OR death_on__absent = 'NASK' OR death_on__absent = 'ND' OR death_on__absent = 'UNK'",
            name=op.f("ck_patient_death_on_absent"),
        ),
        sa.CheckConstraint(
            "enrolled_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_patient_enrolled_on_form")
        ),
        sa.CheckConstraint(
            "enrolled_on__absent IS NULL OR enrolled_on__absent = 'NAP' OR enrolled_on__absent = 'NASK' OR enrolled_on__absent = 'ND' OR enrolled_on__absent = 'UNK'",
            name=op.f("ck_patient_enrolled_on_absent"),
        ),
        sa.CheckConstraint(
            "last_contact_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_patient_last_contact_on_form")
        ),
        sa.CheckConstraint(
            "last_contact_on__absent IS NULL OR last_contact_on__absent = 'NAP' OR last_contact_on__absent = 'NASK' OR last_contact_on__absent = 'ND' OR last_contact_on__absent = 'UNK'",
            name=op.f("ck_patient_last_contact_on_absent"),
        ),
        sa.CheckConstraint("sex IS NULL OR sex = 'female' OR sex = 'male'", name=op.f("ck_patient_sex_codes")),
        sa.CheckConstraint(
            "sex__absent IS NULL OR sex__absent = 'NAP' OR sex__absent = 'NASK' OR sex__absent = 'ND' OR sex__absent = 'UNK'",
            name=op.f("ck_patient_sex_absent"),
        ),
        sa.CheckConstraint(
            "trial_participation IS NULL OR trial_participation = 'not_offered' OR trial_participation = 'declined' OR trial_participation = 'entered'",
            name=op.f("ck_patient_trial_participation_codes"),
        ),
        sa.CheckConstraint(
            "trial_participation__absent IS NULL OR trial_participation__absent = 'NAP' OR trial_participation__absent = 'NASK' OR trial_participation__absent = 'ND' OR trial_participation__absent = 'UNK'",
            name=op.f("ck_patient_trial_participation_absent"),
        ),
        sa.CheckConstraint(
            "vital_status IS NULL OR vital_status = 'alive' OR vital_status = 'dead'",
            name=op.f("ck_patient_vital_status_codes"),
        ),
        sa.CheckConstraint(
            "vital_status__absent IS NULL OR vital_status__absent = 'NAP' OR vital_status__absent = 'NASK' OR vital_status__absent = 'ND' OR vital_status__absent = 'UNK'",
            name=op.f("ck_patient_vital_status_absent"),
        ),
        sa.CheckConstraint(
            "birth_date IS NOT NULL OR birth_date__absent IS NOT NULL", name=op.f("ck_patient_birth_date_required")
        ),
        sa.CheckConstraint(
            "birth_date IS NULL OR birth_date__absent IS NULL", name=op.f("ck_patient_birth_date_either")
        ),
        sa.CheckConstraint(
            "cause_of_death IS NULL OR cause_of_death__absent IS NULL", name=op.f("ck_patient_cause_of_death_either")
        ),
        sa.CheckConstraint(
            "center_id IS NOT NULL OR center_id__absent IS NOT NULL", name=op.f("ck_patient_center_id_required")
        ),
        sa.CheckConstraint("center_id IS NULL OR center_id__absent IS NULL", name=op.f("ck_patient_center_id_either")),
        sa.CheckConstraint(
            "consent_on IS NULL OR consent_on__absent IS NULL", name=op.f("ck_patient_consent_on_either")
        ),
        sa.CheckConstraint(
            "consent_status IS NOT NULL OR consent_status__absent IS NOT NULL",
            name=op.f("ck_patient_consent_status_required"),
        ),
        sa.CheckConstraint(
            "consent_status IS NULL OR consent_status__absent IS NULL", name=op.f("ck_patient_consent_status_either")
        ),
        sa.CheckConstraint("death_on >= birth_date", name=op.f("ck_patient_death_on_after_birth_date")),
        sa.CheckConstraint("death_on IS NULL OR death_on__absent IS NULL", name=op.f("ck_patient_death_on_either")),
        sa.CheckConstraint(
            "enrolled_on IS NOT NULL OR enrolled_on__absent IS NOT NULL", name=op.f("ck_patient_enrolled_on_required")
        ),
        sa.CheckConstraint(
            "enrolled_on IS NULL OR enrolled_on__absent IS NULL", name=op.f("ck_patient_enrolled_on_either")
        ),
        sa.CheckConstraint("last_contact_on >= birth_date", name=op.f("ck_patient_last_contact_on_after_birth_date")),
        sa.CheckConstraint(
            "last_contact_on IS NOT NULL OR last_contact_on__absent IS NOT NULL",
            name=op.f("ck_patient_last_contact_on_required"),
        ),
        sa.CheckConstraint(
            "last_contact_on IS NULL OR last_contact_on__absent IS NULL", name=op.f("ck_patient_last_contact_on_either")
        ),
        sa.CheckConstraint("length(center_id) BETWEEN 1 AND 64", name=op.f("ck_patient_center_id_form")),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_patient_patient_id_form")),
        sa.CheckConstraint("sex IS NOT NULL OR sex__absent IS NOT NULL", name=op.f("ck_patient_sex_required")),
        sa.CheckConstraint("sex IS NULL OR sex__absent IS NULL", name=op.f("ck_patient_sex_either")),
        sa.CheckConstraint(
            "trial_participation IS NULL OR trial_participation__absent IS NULL",
            name=op.f("ck_patient_trial_participation_either"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_patient_version_positive")),
        sa.CheckConstraint(
            "vital_status IS NOT NULL OR vital_status__absent IS NOT NULL",
            name=op.f("ck_patient_vital_status_required"),
        ),
        sa.CheckConstraint(
            "vital_status IS NULL OR vital_status__absent IS NULL", name=op.f("ck_patient_vital_status_either")
        ),
        sa.ForeignKeyConstraint(["center_id"], ["center.center_id"], name="fk_patient_center_id"),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_patient")),
    )
    op.create_table(
        "disease_event",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("occurred_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("kind", sa.String(), autoincrement=False, nullable=True),
        sa.Column("sites", sa.String(), autoincrement=False, nullable=True),
        sa.Column("occurred_on__absent", sa.String(length=4), nullable=True),
        sa.Column("kind__absent", sa.String(length=4), nullable=True),
        sa.Column("sites__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IS NULL OR kind = 'progression' OR kind = 'recurrence'", name=op.f("ck_disease_event_kind_codes")
        ),
        sa.CheckConstraint(
            "kind__absent IS NULL OR kind__absent = 'NAP' OR kind__absent = 'NASK' OR kind__absent = 'ND' OR kind__absent = 'UNK'",
            name=op.f("ck_disease_event_kind_absent"),
        ),
        sa.CheckConstraint(
            "occurred_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_disease_event_occurred_on_form")
        ),
        sa.CheckConstraint(
            "occurred_on__absent IS NULL OR occurred_on__absent = 'NAP' OR occurred_on__absent = 'NASK' OR occurred_on__absent = 'ND' OR occurred_on__absent = 'UNK'",
            name=op.f("ck_disease_event_occurred_on_absent"),
        ),
        sa.CheckConstraint(
            "replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(';' || sites || ';', ';local;', ';'), ';lung;', ';'), ';liver;', ';'), ';peritoneum;', ';'), ';pelvic_implant;', ';'), ';ovary;', ';'), ';distant_lymph_node;', ';'), ';thoracic_lymph_node;', ';'), ';brain;', ';'), ';bone;', ';'), ';adrenal;', ';'), ';other;', ';') = ';' AND length(sites) > 0",
            name=op.f("ck_disease_event_sites_codes"),
        ),
        sa.CheckConstraint(
            "sites__absent IS NULL OR sites__absent = 'NAP' OR sites__absent = 'NASK' OR sites__absent = 'ND' OR sites__absent = 'UNK'",
            name=op.f("ck_disease_event_sites_absent"),
        ),
        sa.CheckConstraint("kind IS NOT NULL OR kind__absent IS NOT NULL", name=op.f("ck_disease_event_kind_required")),
        sa.CheckConstraint("kind IS NULL OR kind__absent IS NULL", name=op.f("ck_disease_event_kind_either")),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_disease_event_patient_id_form")),
        sa.CheckConstraint(
            "occurred_on IS NOT NULL OR occurred_on__absent IS NOT NULL",
            name=op.f("ck_disease_event_occurred_on_required"),
        ),
        sa.CheckConstraint(
            "occurred_on IS NULL OR occurred_on__absent IS NULL", name=op.f("ck_disease_event_occurred_on_either")
        ),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_disease_event_record_no_range")),
        sa.CheckConstraint("sites IS NULL OR sites__absent IS NULL", name=op.f("ck_disease_event_sites_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_disease_event_version_positive")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_disease_event_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_disease_event")),
    )
    op.create_table(
        "episode",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("detected_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("lung_involved", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("prior_polymetastatic", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("progressing_lesion", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("basis", sa.String(), autoincrement=False, nullable=True),
        sa.Column("differential_documented", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("lesion_count", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("laterality", sa.String(), autoincrement=False, nullable=True),
        sa.Column("largest_mm", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("zone", sa.String(), autoincrement=False, nullable=True),
        sa.Column("near_vessel", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("symptomatic", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("lymphangitic", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("thoracic_nodes", sa.String(), autoincrement=False, nullable=True),
        sa.Column("pleural_metastases", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("other_sites_assessed", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("bone_symptoms", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("resectability", sa.String(), autoincrement=False, nullable=True),
        sa.Column("unresectable_reason", sa.String(), autoincrement=False, nullable=True),
        sa.Column("curable", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("large_burden", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("surgery_unsuitable_reason", sa.String(), autoincrement=False, nullable=True),
        sa.Column("cea_ng_ml", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("ecog", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("local_recurrence", sa.String(), autoincrement=False, nullable=True),
        sa.Column("emergency", sa.String(), autoincrement=False, nullable=True),
        sa.Column("emergency_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("tissue", sa.String(), autoincrement=False, nullable=True),
        sa.Column("tissue_histology", sa.String(), autoincrement=False, nullable=True),
        sa.Column("prior_treatment_review", sa.String(), autoincrement=False, nullable=True),
        sa.Column("drug_free_months", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("biology_note", sa.String(), autoincrement=False, nullable=True),
        sa.Column("resection_difficulty", sa.String(), autoincrement=False, nullable=True),
        sa.Column("observation_chosen", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("ned_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("mdt_discussed", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("workup_log_complete", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("surveillance_log_complete", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("detected_on__absent", sa.String(length=4), nullable=True),
        sa.Column("lung_involved__absent", sa.String(length=4), nullable=True),
        sa.Column("prior_polymetastatic__absent", sa.String(length=4), nullable=True),
        sa.Column("progressing_lesion__absent", sa.String(length=4), nullable=True),
        sa.Column("basis__absent", sa.String(length=4), nullable=True),
        sa.Column("differential_documented__absent", sa.String(length=4), nullable=True),
        sa.Column("lesion_count__absent", sa.String(length=4), nullable=True),
        sa.Column("laterality__absent", sa.String(length=4), nullable=True),
        sa.Column("largest_mm__absent", sa.String(length=4), nullable=True),
        sa.Column("zone__absent", sa.String(length=4), nullable=True),
        sa.Column("near_vessel__absent", sa.String(length=4), nullable=True),
        sa.Column("symptomatic__absent", sa.String(length=4), nullable=True),
        sa.Column("lymphangitic__absent", sa.String(length=4), nullable=True),
        sa.Column("thoracic_nodes__absent", sa.String(length=4), nullable=True),
        sa.Column("pleural_metastases__absent", sa.String(length=4), nullable=True),
        sa.Column("other_sites_assessed__absent", sa.String(length=4), nullable=True),
        sa.Column("bone_symptoms__absent", sa.String(length=4), nullable=True),
        sa.Column("resectability__absent", sa.String(length=4), nullable=True),
        sa.Column("unresectable_reason__absent", sa.String(length=4), nullable=True),
        sa.Column("curable__absent", sa.String(length=4), nullable=True),
        sa.Column("large_burden__absent", sa.String(length=4), nullable=True),
        sa.Column("surgery_unsuitable_reason__absent", sa.String(length=4), nullable=True),
        sa.Column("cea_ng_ml__absent", sa.String(length=4), nullable=True),
        sa.Column("ecog__absent", sa.String(length=4), nullable=True),
        sa.Column("local_recurrence__absent", sa.String(length=4), nullable=True),
        sa.Column("emergency__absent", sa.String(length=4), nullable=True),
        sa.Column("emergency_on__absent", sa.String(length=4), nullable=True),
        sa.Column("tissue__absent", sa.String(length=4), nullable=True),
        sa.Column("tissue_histology__absent", sa.String(length=4), nullable=True),
        sa.Column("prior_treatment_review__absent", sa.String(length=4), nullable=True),
        sa.Column("drug_free_months__absent", sa.String(length=4), nullable=True),
        sa.Column("biology_note__absent", sa.String(length=4), nullable=True),
        sa.Column("resection_difficulty__absent", sa.String(length=4), nullable=True),
        sa.Column("observation_chosen__absent", sa.String(length=4), nullable=True),
        sa.Column("ned_on__absent", sa.String(length=4), nullable=True),
        sa.Column("mdt_discussed__absent", sa.String(length=4), nullable=True),
        sa.Column("workup_log_complete__absent", sa.String(length=4), nullable=True),
        sa.Column("surveillance_log_complete__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "basis IS NULL OR basis = 'histology' OR basis = 'cytology' OR basis = 'imaging_mdt'",
            name=op.f("ck_episode_basis_codes"),
        ),
        sa.CheckConstraint(
            "basis__absent IS NULL OR basis__absent = 'NAP' OR basis__absent = 'NASK' OR basis__absent = 'ND' OR basis__absent = 'UNK'",
            name=op.f("ck_episode_basis_absent"),
        ),
        sa.CheckConstraint(
            "biology_note__absent IS NULL OR biology_note__absent = 'NAP' OR biology_note__absent = 'NASK' OR biology_note__absent = 'ND' OR biology_note__absent = 'UNK'",
            name=op.f("ck_episode_biology_note_absent"),
        ),
        sa.CheckConstraint(
            "bone_symptoms__absent IS NULL OR bone_symptoms__absent = 'NAP' OR bone_symptoms__absent = 'NASK' OR bone_symptoms__absent = 'ND' OR bone_symptoms__absent = 'UNK'",
            name=op.f("ck_episode_bone_symptoms_absent"),
        ),
        sa.CheckConstraint(
            "cea_ng_ml__absent IS NULL OR cea_ng_ml__absent = 'NAP' OR cea_ng_ml__absent = 'NASK' OR cea_ng_ml__absent = 'ND' OR cea_ng_ml__absent = 'UNK'",
            name=op.f("ck_episode_cea_ng_ml_absent"),
        ),
        sa.CheckConstraint(
            "curable__absent IS NULL OR curable__absent = 'NAP' OR curable__absent = 'NASK' OR curable__absent = 'ND' OR curable__absent = 'UNK'",
            name=op.f("ck_episode_curable_absent"),
        ),
        sa.CheckConstraint(
            "detected_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_episode_detected_on_form")
        ),
        sa.CheckConstraint(
            "detected_on__absent IS NULL OR detected_on__absent = 'NAP' OR detected_on__absent = 'NASK' OR detected_on__absent = 'ND' OR detected_on__absent = 'UNK'",
            name=op.f("ck_episode_detected_on_absent"),
        ),
        sa.CheckConstraint(
            "differential_documented__absent IS NULL OR differential_documented__absent = 'NAP' OR differential_documented__absent = 'NASK' OR differential_documented__absent = 'ND' OR differential_documented__absent = 'UNK'",
            name=op.f("ck_episode_differential_documented_absent"),
        ),
        sa.CheckConstraint(
            "drug_free_months__absent IS NULL OR drug_free_months__absent = 'NAP' OR drug_free_months__absent = 'NASK' OR drug_free_months__absent = 'ND' OR drug_free_months__absent = 'UNK'",
            name=op.f("ck_episode_drug_free_months_absent"),
        ),
        sa.CheckConstraint(
            "ecog__absent IS NULL OR ecog__absent = 'NAP' OR ecog__absent = 'NASK' OR ecog__absent = 'ND' OR ecog__absent = 'UNK'",
            name=op.f("ck_episode_ecog_absent"),
        ),
        sa.CheckConstraint(
            "emergency IS NULL OR emergency = 'none' OR emergency = 'bleeding' OR emergency = 'perforation' OR emergency = 'obstruction'",
            name=op.f("ck_episode_emergency_codes"),
        ),
        sa.CheckConstraint(
            "emergency__absent IS NULL OR emergency__absent = 'NAP' OR emergency__absent = 'NASK' OR emergency__absent = 'ND' OR emergency__absent = 'UNK'",
            name=op.f("ck_episode_emergency_absent"),
        ),
        sa.CheckConstraint(
            "emergency_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_episode_emergency_on_form")
        ),
        sa.CheckConstraint(
            "emergency_on__absent IS NULL OR emergency_on__absent = 'NAP' OR emergency_on__absent = 'NASK' OR emergency_on__absent = 'ND' OR emergency_on__absent = 'UNK'",
            name=op.f("ck_episode_emergency_on_absent"),
        ),
        sa.CheckConstraint(
            "large_burden__absent IS NULL OR large_burden__absent = 'NAP' OR large_burden__absent = 'NASK' OR large_burden__absent = 'ND' OR large_burden__absent = 'UNK'",
            name=op.f("ck_episode_large_burden_absent"),
        ),
        sa.CheckConstraint(
            "largest_mm__absent IS NULL OR largest_mm__absent = 'NAP' OR largest_mm__absent = 'NASK' OR largest_mm__absent = 'ND' OR largest_mm__absent = 'UNK'",
            name=op.f("ck_episode_largest_mm_absent"),
        ),
        sa.CheckConstraint(
            "laterality IS NULL OR laterality = 'left' OR laterality = 'right' OR laterality = 'bilateral'",
            name=op.f("ck_episode_laterality_codes"),
        ),
        sa.CheckConstraint(
            "laterality__absent IS NULL OR laterality__absent = 'NAP' OR laterality__absent = 'NASK' OR laterality__absent = 'ND' OR laterality__absent = 'UNK'",
            name=op.f("ck_episode_laterality_absent"),
        ),
        sa.CheckConstraint(
            "lesion_count__absent IS NULL OR lesion_count__absent = 'NAP' OR lesion_count__absent = 'NASK' OR lesion_count__absent = 'ND' OR lesion_count__absent = 'UNK'",
            name=op.f("ck_episode_lesion_count_absent"),
        ),
        sa.CheckConstraint(
            "local_recurrence IS NULL OR local_recurrence = 'none' OR local_recurrence = 'resectable' OR local_recurrence = 'unresectable'",
            name=op.f("ck_episode_local_recurrence_codes"),
        ),
        sa.CheckConstraint(
            "local_recurrence__absent IS NULL OR local_recurrence__absent = 'NAP' OR local_recurrence__absent = 'NASK' OR local_recurrence__absent = 'ND' OR local_recurrence__absent = 'UNK'",
            name=op.f("ck_episode_local_recurrence_absent"),
        ),
        sa.CheckConstraint(
            "lung_involved__absent IS NULL OR lung_involved__absent = 'NAP' OR lung_involved__absent = 'NASK' OR lung_involved__absent = 'ND' OR lung_involved__absent = 'UNK'",
            name=op.f("ck_episode_lung_involved_absent"),
        ),
        sa.CheckConstraint(
            "lymphangitic__absent IS NULL OR lymphangitic__absent = 'NAP' OR lymphangitic__absent = 'NASK' OR lymphangitic__absent = 'ND' OR lymphangitic__absent = 'UNK'",
            name=op.f("ck_episode_lymphangitic_absent"),
        ),
        sa.CheckConstraint(
            "mdt_discussed__absent IS NULL OR mdt_discussed__absent = 'NAP' OR mdt_discussed__absent = 'NASK' OR mdt_discussed__absent = 'ND' OR mdt_discussed__absent = 'UNK'",
            name=op.f("ck_episode_mdt_discussed_absent"),
        ),
        sa.CheckConstraint(
            "near_vessel__absent IS NULL OR near_vessel__absent = 'NAP' OR near_vessel__absent = 'NASK' OR near_vessel__absent = 'ND' OR near_vessel__absent = 'UNK'",
            name=op.f("ck_episode_near_vessel_absent"),
        ),
        sa.CheckConstraint("ned_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_episode_ned_on_form")),
        sa.CheckConstraint(
            "ned_on__absent IS NULL OR ned_on__absent = 'NAP' OR ned_on__absent = 'NASK' OR ned_on__absent = 'ND' OR ned_on__absent = 'UNK'",
            name=op.f("ck_episode_ned_on_absent"),
        ),
        sa.CheckConstraint(
            "observation_chosen__absent IS NULL OR observation_chosen__absent = 'NAP' OR observation_chosen__absent = 'NASK' OR observation_chosen__absent = 'ND' OR observation_chosen__absent = 'UNK'",
            name=op.f("ck_episode_observation_chosen_absent"),
        ),
        sa.CheckConstraint(
            "other_sites_assessed__absent IS NULL OR other_sites_assessed__absent = 'NAP' OR other_sites_assessed__absent = 'NASK' OR other_sites_assessed__absent = 'ND' OR other_sites_assessed__absent = 'UNK'",
            name=op.f("ck_episode_other_sites_assessed_absent"),
        ),
        sa.CheckConstraint(
            "pleural_metastases__absent IS NULL OR pleural_metastases__absent = 'NAP' OR pleural_metastases__absent = 'NASK' OR pleural_metastases__absent = 'ND' OR pleural_metastases__absent = 'UNK'",
            name=op.f("ck_episode_pleural_metastases_absent"),
        ),
        sa.CheckConstraint(
            "prior_polymetastatic__absent IS NULL OR prior_polymetastatic__absent = 'NAP' OR prior_polymetastatic__absent = 'NASK' OR prior_polymetastatic__absent = 'ND' OR prior_polymetastatic__absent = 'UNK'",
            name=op.f("ck_episode_prior_polymetastatic_absent"),
        ),
        sa.CheckConstraint(
            "prior_treatment_review__absent IS NULL OR prior_treatment_review__absent = 'NAP' OR prior_treatment_review__absent = 'NASK' OR prior_treatment_review__absent = 'ND' OR prior_treatment_review__absent = 'UNK'",
            name=op.f("ck_episode_prior_treatment_review_absent"),
        ),
        sa.CheckConstraint(
            "progressing_lesion__absent IS NULL OR progressing_lesion__absent = 'NAP' OR progressing_lesion__absent = 'NASK' OR progressing_lesion__absent = 'ND' OR progressing_lesion__absent = 'UNK'",
            name=op.f("ck_episode_progressing_lesion_absent"),
        ),
        sa.CheckConstraint(
            "resectability IS NULL OR resectability = 'resectable' OR resectability = 'potentially_resectable' OR resectability = 'unresectable'",
            name=op.f("ck_episode_resectability_codes"),
        ),
        sa.CheckConstraint(
            "resectability__absent IS NULL OR resectability__absent = 'NAP' OR resectability__absent = 'NASK' OR resectability__absent = 'ND' OR resectability__absent = 'UNK'",
            name=op.f("ck_episode_resectability_absent"),
        ),
        sa.CheckConstraint(
            "resection_difficulty IS NULL OR resection_difficulty = 'lung_harder' OR resection_difficulty = 'other_harder' OR resection_difficulty = 'equal'",
            name=op.f("ck_episode_resection_difficulty_codes"),
        ),
        sa.CheckConstraint(
            "resection_difficulty__absent IS NULL OR resection_difficulty__absent = 'NAP' OR resection_difficulty__absent = 'NASK' OR resection_difficulty__absent = 'ND' OR resection_difficulty__absent = 'UNK'",
            name=op.f("ck_episode_resection_difficulty_absent"),
        ),
        sa.CheckConstraint(
            "surgery_unsuitable_reason IS NULL OR surgery_unsuitable_reason = 'site' OR surgery_unsuitable_reason = 'lung_function' OR surgery_unsuitable_reason = 'tolerance' OR surgery_unsuitable_reason = 'refusal'",
            name=op.f("ck_episode_surgery_unsuitable_reason_codes"),
        ),
        sa.CheckConstraint(
            "surgery_unsuitable_reason__absent IS NULL OR surgery_unsuitable_reason__absent = 'NAP' OR surgery_unsuitable_reason__absent = 'NASK' OR surgery_unsuitable_reason__absent = 'ND' OR surgery_unsuitable_reason__absent = 'UNK'",
            name=op.f("ck_episode_surgery_unsuitable_reason_absent"),
        ),
        sa.CheckConstraint(
            "surveillance_log_complete__absent IS NULL OR surveillance_log_complete__absent = 'NAP' OR surveillance_log_complete__absent = 'NASK' OR surveillance_log_complete__absent = 'ND' OR surveillance_log_complete__absent = 'UNK'",
            name=op.f("ck_episode_surveillance_log_complete_absent"),
        ),
        sa.CheckConstraint(
            "symptomatic__absent IS NULL OR symptomatic__absent = 'NAP' OR symptomatic__absent = 'NASK' OR symptomatic__absent = 'ND' OR symptomatic__absent = 'UNK'",
            name=op.f("ck_episode_symptomatic_absent"),
        ),
        sa.CheckConstraint(
            "thoracic_nodes IS NULL OR thoracic_nodes = 'none' OR thoracic_nodes = 'suspected' OR thoracic_nodes = 'confirmed'",
            name=op.f("ck_episode_thoracic_nodes_codes"),
        ),
        sa.CheckConstraint(
            "thoracic_nodes__absent IS NULL OR thoracic_nodes__absent = 'NAP' OR thoracic_nodes__absent = 'NASK' OR thoracic_nodes__absent = 'ND' OR thoracic_nodes__absent = 'UNK'",
            name=op.f("ck_episode_thoracic_nodes_absent"),
        ),
        sa.CheckConstraint(
            "tissue IS NULL OR tissue = 'obtained' OR tissue = 'not_obtainable' OR tissue = 'not_attempted'",
            name=op.f("ck_episode_tissue_codes"),
        ),
        sa.CheckConstraint(
            "tissue__absent IS NULL OR tissue__absent = 'NAP' OR tissue__absent = 'NASK' OR tissue__absent = 'ND' OR tissue__absent = 'UNK'",
            name=op.f("ck_episode_tissue_absent"),
        ),
        sa.CheckConstraint(
            "tissue_histology IS NULL OR tissue_histology = 'well_or_moderate' OR tissue_histology = 'poor' OR tissue_histology = 'mucinous' OR tissue_histology = 'signet_ring' OR tissue_histology = 'other'",
            name=op.f("ck_episode_tissue_histology_codes"),
        ),
        sa.CheckConstraint(
            "tissue_histology__absent IS NULL OR tissue_histology__absent = 'NAP' OR tissue_histology__absent = 'NASK' OR tissue_histology__absent = 'ND' OR tissue_histology__absent = 'UNK'",
            name=op.f("ck_episode_tissue_histology_absent"),
        ),
        sa.CheckConstraint(
            "unresectable_reason IS NULL OR unresectable_reason = 'extent' OR unresectable_reason = 'number' OR unresectable_reason = 'location' OR unresectable_reason = 'size' OR unresectable_reason = 'near_hilum_or_vessel' OR unresectable_reason = 'lung_function' OR unresectable_reason = 'tolerance' OR unresectable_reason = 'refusal'",
            name=op.f("ck_episode_unresectable_reason_codes"),
        ),
        sa.CheckConstraint(
            "unresectable_reason__absent IS NULL OR unresectable_reason__absent = 'NAP' OR unresectable_reason__absent = 'NASK' OR unresectable_reason__absent = 'ND' OR unresectable_reason__absent = 'UNK'",
            name=op.f("ck_episode_unresectable_reason_absent"),
        ),
        sa.CheckConstraint(
            "workup_log_complete__absent IS NULL OR workup_log_complete__absent = 'NAP' OR workup_log_complete__absent = 'NASK' OR workup_log_complete__absent = 'ND' OR workup_log_complete__absent = 'UNK'",
            name=op.f("ck_episode_workup_log_complete_absent"),
        ),
        sa.CheckConstraint(
            "zone IS NULL OR zone = 'outer' OR zone = 'middle' OR zone = 'inner'", name=op.f("ck_episode_zone_codes")
        ),
        sa.CheckConstraint(
            "zone__absent IS NULL OR zone__absent = 'NAP' OR zone__absent = 'NASK' OR zone__absent = 'ND' OR zone__absent = 'UNK'",
            name=op.f("ck_episode_zone_absent"),
        ),
        sa.CheckConstraint("basis IS NULL OR basis__absent IS NULL", name=op.f("ck_episode_basis_either")),
        sa.CheckConstraint(
            "biology_note IS NULL OR biology_note__absent IS NULL", name=op.f("ck_episode_biology_note_either")
        ),
        sa.CheckConstraint("bone_symptoms IN (TRUE, FALSE)", name=op.f("ck_episode_bone_symptoms_form")),
        sa.CheckConstraint(
            "bone_symptoms IS NULL OR bone_symptoms__absent IS NULL", name=op.f("ck_episode_bone_symptoms_either")
        ),
        sa.CheckConstraint("cea_ng_ml BETWEEN 0 AND 1000000", name=op.f("ck_episode_cea_ng_ml_range")),
        sa.CheckConstraint("cea_ng_ml IS NULL OR cea_ng_ml__absent IS NULL", name=op.f("ck_episode_cea_ng_ml_either")),
        sa.CheckConstraint("curable IN (TRUE, FALSE)", name=op.f("ck_episode_curable_form")),
        sa.CheckConstraint("curable IS NULL OR curable__absent IS NULL", name=op.f("ck_episode_curable_either")),
        sa.CheckConstraint(
            "detected_on IS NOT NULL OR detected_on__absent IS NOT NULL", name=op.f("ck_episode_detected_on_required")
        ),
        sa.CheckConstraint(
            "detected_on IS NULL OR detected_on__absent IS NULL", name=op.f("ck_episode_detected_on_either")
        ),
        sa.CheckConstraint(
            "differential_documented IN (TRUE, FALSE)", name=op.f("ck_episode_differential_documented_form")
        ),
        sa.CheckConstraint(
            "differential_documented IS NULL OR differential_documented__absent IS NULL",
            name=op.f("ck_episode_differential_documented_either"),
        ),
        sa.CheckConstraint("drug_free_months BETWEEN 0 AND 600", name=op.f("ck_episode_drug_free_months_range")),
        sa.CheckConstraint(
            "drug_free_months IS NULL OR drug_free_months__absent IS NULL",
            name=op.f("ck_episode_drug_free_months_either"),
        ),
        sa.CheckConstraint("ecog BETWEEN 0 AND 4", name=op.f("ck_episode_ecog_codes")),
        sa.CheckConstraint("ecog IS NULL OR ecog__absent IS NULL", name=op.f("ck_episode_ecog_either")),
        sa.CheckConstraint("emergency IS NULL OR emergency__absent IS NULL", name=op.f("ck_episode_emergency_either")),
        sa.CheckConstraint(
            "emergency_on IS NULL OR emergency_on__absent IS NULL", name=op.f("ck_episode_emergency_on_either")
        ),
        sa.CheckConstraint("large_burden IN (TRUE, FALSE)", name=op.f("ck_episode_large_burden_form")),
        sa.CheckConstraint(
            "large_burden IS NULL OR large_burden__absent IS NULL", name=op.f("ck_episode_large_burden_either")
        ),
        sa.CheckConstraint("largest_mm BETWEEN 0 AND 500", name=op.f("ck_episode_largest_mm_range")),
        sa.CheckConstraint(
            "largest_mm IS NULL OR largest_mm__absent IS NULL", name=op.f("ck_episode_largest_mm_either")
        ),
        sa.CheckConstraint(
            "laterality IS NULL OR laterality__absent IS NULL", name=op.f("ck_episode_laterality_either")
        ),
        sa.CheckConstraint("length(biology_note) BETWEEN 1 AND 10000", name=op.f("ck_episode_biology_note_form")),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_episode_patient_id_form")),
        sa.CheckConstraint(
            "length(prior_treatment_review) BETWEEN 1 AND 10000", name=op.f("ck_episode_prior_treatment_review_form")
        ),
        sa.CheckConstraint("lesion_count BETWEEN 0 AND 1000", name=op.f("ck_episode_lesion_count_range")),
        sa.CheckConstraint(
            "lesion_count IS NULL OR lesion_count__absent IS NULL", name=op.f("ck_episode_lesion_count_either")
        ),
        sa.CheckConstraint(
            "local_recurrence IS NULL OR local_recurrence__absent IS NULL",
            name=op.f("ck_episode_local_recurrence_either"),
        ),
        sa.CheckConstraint("lung_involved IN (TRUE, FALSE)", name=op.f("ck_episode_lung_involved_form")),
        sa.CheckConstraint(
            "lung_involved IS NOT NULL OR lung_involved__absent IS NOT NULL",
            name=op.f("ck_episode_lung_involved_required"),
        ),
        sa.CheckConstraint(
            "lung_involved IS NULL OR lung_involved__absent IS NULL", name=op.f("ck_episode_lung_involved_either")
        ),
        sa.CheckConstraint("lymphangitic IN (TRUE, FALSE)", name=op.f("ck_episode_lymphangitic_form")),
        sa.CheckConstraint(
            "lymphangitic IS NULL OR lymphangitic__absent IS NULL", name=op.f("ck_episode_lymphangitic_either")
        ),
        sa.CheckConstraint("mdt_discussed IN (TRUE, FALSE)", name=op.f("ck_episode_mdt_discussed_form")),
        sa.CheckConstraint(
            "mdt_discussed IS NULL OR mdt_discussed__absent IS NULL", name=op.f("ck_episode_mdt_discussed_either")
        ),
        sa.CheckConstraint("near_vessel IN (TRUE, FALSE)", name=op.f("ck_episode_near_vessel_form")),
        sa.CheckConstraint(
            "near_vessel IS NULL OR near_vessel__absent IS NULL", name=op.f("ck_episode_near_vessel_either")
        ),
        sa.CheckConstraint("ned_on IS NULL OR ned_on__absent IS NULL", name=op.f("ck_episode_ned_on_either")),
        sa.CheckConstraint("observation_chosen IN (TRUE, FALSE)", name=op.f("ck_episode_observation_chosen_form")),
        sa.CheckConstraint(
            "observation_chosen IS NULL OR observation_chosen__absent IS NULL",
            name=op.f("ck_episode_observation_chosen_either"),
        ),
        sa.CheckConstraint("other_sites_assessed IN (TRUE, FALSE)", name=op.f("ck_episode_other_sites_assessed_form")),
        sa.CheckConstraint(
            "other_sites_assessed IS NULL OR other_sites_assessed__absent IS NULL",
            name=op.f("ck_episode_other_sites_assessed_either"),
        ),
        sa.CheckConstraint("pleural_metastases IN (TRUE, FALSE)", name=op.f("ck_episode_pleural_metastases_form")),
        sa.CheckConstraint(
            "pleural_metastases IS NULL OR pleural_metastases__absent IS NULL",
            name=op.f("ck_episode_pleural_metastases_either"),
        ),
        sa.CheckConstraint("prior_polymetastatic IN (TRUE, FALSE)", name=op.f("ck_episode_prior_polymetastatic_form")),
        sa.CheckConstraint(
            "prior_polymetastatic IS NULL OR prior_polymetastatic__absent IS NULL",
            name=op.f("ck_episode_prior_polymetastatic_either"),
        ),
        sa.CheckConstraint(
            "prior_treatment_review IS NULL OR prior_treatment_review__absent IS NULL",
            name=op.f("ck_episode_prior_treatment_review_either"),
        ),
        sa.CheckConstraint("progressing_lesion IN (TRUE, FALSE)", name=op.f("ck_episode_progressing_lesion_form")),
        sa.CheckConstraint(
            "progressing_lesion IS NULL OR progressing_lesion__absent IS NULL",
            name=op.f("ck_episode_progressing_lesion_either"),
        ),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_episode_record_no_range")),
        sa.CheckConstraint(
            "resectability IS NULL OR resectability__absent IS NULL", name=op.f("ck_episode_resectability_either")
        ),
        sa.CheckConstraint(
            "resection_difficulty IS NULL OR resection_difficulty__absent IS NULL",
            name=op.f("ck_episode_resection_difficulty_either"),
        ),
        sa.CheckConstraint(
            "surgery_unsuitable_reason IS NULL OR surgery_unsuitable_reason__absent IS NULL",
            name=op.f("ck_episode_surgery_unsuitable_reason_either"),
        ),
        sa.CheckConstraint(
            "surveillance_log_complete IN (TRUE, FALSE)", name=op.f("ck_episode_surveillance_log_complete_form")
        ),
        sa.CheckConstraint(
            "surveillance_log_complete IS NULL OR surveillance_log_complete__absent IS NULL",
            name=op.f("ck_episode_surveillance_log_complete_either"),
        ),
        sa.CheckConstraint("symptomatic IN (TRUE, FALSE)", name=op.f("ck_episode_symptomatic_form")),
        sa.CheckConstraint(
            "symptomatic IS NULL OR symptomatic__absent IS NULL", name=op.f("ck_episode_symptomatic_either")
        ),
        sa.CheckConstraint(
            "thoracic_nodes IS NULL OR thoracic_nodes__absent IS NULL", name=op.f("ck_episode_thoracic_nodes_either")
        ),
        sa.CheckConstraint("tissue IS NULL OR tissue__absent IS NULL", name=op.f("ck_episode_tissue_either")),
        sa.CheckConstraint(
            "tissue_histology IS NULL OR tissue_histology__absent IS NULL",
            name=op.f("ck_episode_tissue_histology_either"),
        ),
        sa.CheckConstraint(
            "unresectable_reason IS NULL OR unresectable_reason__absent IS NULL",
            name=op.f("ck_episode_unresectable_reason_either"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_episode_version_positive")),
        sa.CheckConstraint("workup_log_complete IN (TRUE, FALSE)", name=op.f("ck_episode_workup_log_complete_form")),
        sa.CheckConstraint(
            "workup_log_complete IS NULL OR workup_log_complete__absent IS NULL",
            name=op.f("ck_episode_workup_log_complete_either"),
        ),
        sa.CheckConstraint("zone IS NULL OR zone__absent IS NULL", name=op.f("ck_episode_zone_either")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_episode_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_episode")),
    )
    op.create_table(
        "follow_up",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("disease_status", sa.String(), autoincrement=False, nullable=True),
        sa.Column("ecog", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("cea_ng_ml", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("global_health_score", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("seen_on__absent", sa.String(length=4), nullable=True),
        sa.Column("disease_status__absent", sa.String(length=4), nullable=True),
        sa.Column("ecog__absent", sa.String(length=4), nullable=True),
        sa.Column("cea_ng_ml__absent", sa.String(length=4), nullable=True),
        sa.Column("global_health_score__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cea_ng_ml__absent IS NULL OR cea_ng_ml__absent = 'NAP' OR cea_ng_ml__absent = 'NASK' OR cea_ng_ml__absent = 'ND' OR cea_ng_ml__absent = 'UNK'",
            name=op.f("ck_follow_up_cea_ng_ml_absent"),
        ),
        sa.CheckConstraint(
            "disease_status IS NULL OR disease_status = 'ned' OR disease_status = 'alive_with_disease'",
            name=op.f("ck_follow_up_disease_status_codes"),
        ),
        sa.CheckConstraint(
            "disease_status__absent IS NULL OR disease_status__absent = 'NAP' OR disease_status__absent = 'NASK' OR disease_status__absent = 'ND' OR disease_status__absent = 'UNK'",
            name=op.f("ck_follow_up_disease_status_absent"),
        ),
        sa.CheckConstraint(
            "ecog__absent IS NULL OR ecog__absent = 'NAP' OR ecog__absent = 'NASK' OR ecog__absent = 'ND' OR ecog__absent = 'UNK'",
            name=op.f("ck_follow_up_ecog_absent"),
        ),
        sa.CheckConstraint(
            "global_health_score__absent IS NULL OR global_health_score__absent = 'NAP' OR global_health_score__absent = 'NASK' OR global_health_score__absent = 'ND' OR global_health_score__absent = 'UNK'",
            name=op.f("ck_follow_up_global_health_score_absent"),
        ),
        sa.CheckConstraint("seen_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_follow_up_seen_on_form")),
        sa.CheckConstraint(
            "seen_on__absent IS NULL OR seen_on__absent = 'NAP' OR seen_on__absent = 'NASK' OR seen_on__absent = 'ND' OR seen_on__absent = 'UNK'",
            name=op.f("ck_follow_up_seen_on_absent"),
        ),
        sa.CheckConstraint("cea_ng_ml BETWEEN 0 AND 1000000", name=op.f("ck_follow_up_cea_ng_ml_range")),
        sa.CheckConstraint(
            "cea_ng_ml IS NULL OR cea_ng_ml__absent IS NULL", name=op.f("ck_follow_up_cea_ng_ml_either")
        ),
        sa.CheckConstraint(
            "disease_status IS NULL OR disease_status__absent IS NULL", name=op.f("ck_follow_up_disease_status_either")
        ),
        sa.CheckConstraint("ecog BETWEEN 0 AND 4", name=op.f("ck_follow_up_ecog_codes")),
        sa.CheckConstraint("ecog IS NULL OR ecog__absent IS NULL", name=op.f("ck_follow_up_ecog_either")),
        sa.CheckConstraint(
            "global_health_score BETWEEN 0 AND 100", name=op.f("ck_follow_up_global_health_score_range")
        ),
        sa.CheckConstraint(
            "global_health_score IS NULL OR global_health_score__absent IS NULL",
            name=op.f("ck_follow_up_global_health_score_either"),
        ),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_follow_up_patient_id_form")),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_follow_up_record_no_range")),
        sa.CheckConstraint(
            "seen_on IS NOT NULL OR seen_on__absent IS NOT NULL", name=op.f("ck_follow_up_seen_on_required")
        ),
        sa.CheckConstraint("seen_on IS NULL OR seen_on__absent IS NULL", name=op.f("ck_follow_up_seen_on_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_follow_up_version_positive")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_follow_up_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_follow_up")),
    )
    op.create_table(
        "metastasis",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site", sa.String(), autoincrement=False, nullable=True),
        sa.Column("detected_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("resolved_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("lesion_count", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("largest_mm", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("curable", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("site__absent", sa.String(length=4), nullable=True),
        sa.Column("detected_on__absent", sa.String(length=4), nullable=True),
        sa.Column("resolved_on__absent", sa.String(length=4), nullable=True),
        sa.Column("lesion_count__absent", sa.String(length=4), nullable=True),
        sa.Column("largest_mm__absent", sa.String(length=4), nullable=True),
        sa.Column("curable__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "curable__absent IS NULL OR curable__absent = 'NAP' OR curable__absent = 'NASK' OR curable__absent = 'ND' OR curable__absent = 'UNK'",
            name=op.f("ck_metastasis_curable_absent"),
        ),
        sa.CheckConstraint(
            "detected_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_metastasis_detected_on_form")
        ),
        sa.CheckConstraint(
            "detected_on__absent IS NULL OR detected_on__absent = 'NAP' OR detected_on__absent = 'NASK' OR detected_on__absent = 'ND' OR detected_on__absent = 'UNK'",
            name=op.f("ck_metastasis_detected_on_absent"),
        ),
        sa.CheckConstraint(
            "largest_mm__absent IS NULL OR largest_mm__absent = 'NAP' OR largest_mm__absent = 'NASK' OR largest_mm__absent = 'ND' OR largest_mm__absent = 'UNK'",
            name=op.f("ck_metastasis_largest_mm_absent"),
        ),
        sa.CheckConstraint(
            "lesion_count__absent IS NULL OR lesion_count__absent = 'NAP' OR lesion_count__absent = 'NASK' OR lesion_count__absent = 'ND' OR lesion_count__absent = 'UNK'",
            name=op.f("ck_metastasis_lesion_count_absent"),
        ),
        sa.CheckConstraint(
            "resolved_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_metastasis_resolved_on_form")
        ),
        sa.CheckConstraint(
            "resolved_on__absent IS NULL OR resolved_on__absent = 'NAP' OR resolved_on__absent = 'NASK' OR resolved_on__absent = 'ND' OR resolved_on__absent = 'UNK'",
            name=op.f("ck_metastasis_resolved_on_absent"),
        ),
        sa.CheckConstraint(
            "site IS NULL OR site = 'liver' OR site = 'peritoneum' OR site = 'pelvic_implant' OR site = 'ovary' OR site = 'distant_lymph_node' OR site = 'brain' OR site = 'bone' OR site = 'adrenal' OR site = 'other'",
            name=op.f("ck_metastasis_site_codes"),
        ),
        sa.CheckConstraint(
            "site__absent IS NULL OR site__absent = 'NAP' OR site__absent = 'NASK' OR site__absent = 'ND' OR site__absent = 'UNK'",
            name=op.f("ck_metastasis_site_absent"),
        ),
        sa.CheckConstraint("curable IN (TRUE, FALSE)", name=op.f("ck_metastasis_curable_form")),
        sa.CheckConstraint("curable IS NULL OR curable__absent IS NULL", name=op.f("ck_metastasis_curable_either")),
        sa.CheckConstraint(
            "detected_on IS NOT NULL OR detected_on__absent IS NOT NULL",
            name=op.f("ck_metastasis_detected_on_required"),
        ),
        sa.CheckConstraint(
            "detected_on IS NULL OR detected_on__absent IS NULL", name=op.f("ck_metastasis_detected_on_either")
        ),
        sa.CheckConstraint("largest_mm BETWEEN 0 AND 500", name=op.f("ck_metastasis_largest_mm_range")),
        sa.CheckConstraint(
            "largest_mm IS NULL OR largest_mm__absent IS NULL", name=op.f("ck_metastasis_largest_mm_either")
        ),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_metastasis_patient_id_form")),
        sa.CheckConstraint("lesion_count BETWEEN 0 AND 1000", name=op.f("ck_metastasis_lesion_count_range")),
        sa.CheckConstraint(
            "lesion_count IS NULL OR lesion_count__absent IS NULL", name=op.f("ck_metastasis_lesion_count_either")
        ),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_metastasis_record_no_range")),
        sa.CheckConstraint("resolved_on >= detected_on", name=op.f("ck_metastasis_resolved_on_after_detected_on")),
        sa.CheckConstraint(
            "resolved_on IS NULL OR resolved_on__absent IS NULL", name=op.f("ck_metastasis_resolved_on_either")
        ),
        sa.CheckConstraint("site IS NOT NULL OR site__absent IS NOT NULL", name=op.f("ck_metastasis_site_required")),
        sa.CheckConstraint("site IS NULL OR site__absent IS NULL", name=op.f("ck_metastasis_site_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_metastasis_version_positive")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_metastasis_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_metastasis")),
    )
    op.create_table(
        "molecular_test",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("marker", sa.String(), autoincrement=False, nullable=True),
        sa.Column("specimen", sa.String(), autoincrement=False, nullable=True),
        sa.Column("reported_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("method", sa.String(), autoincrement=False, nullable=True),
        sa.Column("result", sa.String(), autoincrement=False, nullable=True),
        sa.Column("variant", sa.String(), autoincrement=False, nullable=True),
        sa.Column("marker__absent", sa.String(length=4), nullable=True),
        sa.Column("specimen__absent", sa.String(length=4), nullable=True),
        sa.Column("reported_on__absent", sa.String(length=4), nullable=True),
        sa.Column("method__absent", sa.String(length=4), nullable=True),
        sa.Column("result__absent", sa.String(length=4), nullable=True),
        sa.Column("variant__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "marker IS NULL OR marker = 'kras' OR marker = 'nras' OR marker = 'braf' OR marker = 'msi_mmr' OR marker = 'her2'",
            name=op.f("ck_molecular_test_marker_codes"),
        ),
        sa.CheckConstraint(
            "marker__absent IS NULL OR marker__absent = 'NAP' OR marker__absent = 'NASK' OR marker__absent = 'ND' OR marker__absent = 'UNK'",
            name=op.f("ck_molecular_test_marker_absent"),
        ),
        sa.CheckConstraint(
            "method IS NULL OR method = 'ihc' OR method = 'fish' OR method = 'pcr' OR method = 'ngs' OR method = 'other'",
            name=op.f("ck_molecular_test_method_codes"),
        ),
        sa.CheckConstraint(
            "method__absent IS NULL OR method__absent = 'NAP' OR method__absent = 'NASK' OR method__absent = 'ND' OR method__absent = 'UNK'",
            name=op.f("ck_molecular_test_method_absent"),
        ),
        sa.CheckConstraint(
            "reported_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_molecular_test_reported_on_form")
        ),
        sa.CheckConstraint(
            "reported_on__absent IS NULL OR reported_on__absent = 'NAP' OR reported_on__absent = 'NASK' OR reported_on__absent = 'ND' OR reported_on__absent = 'UNK'",
            name=op.f("ck_molecular_test_reported_on_absent"),
        ),
        sa.CheckConstraint(
            "result IS NULL OR result = 'wild_type' OR result = 'mutated' OR result = 'stable' OR result = 'unstable' OR result = 'negative' OR result = 'positive' OR result = 'equivocal' OR result = 'not_done' OR result = 'unknown'",
            name=op.f("ck_molecular_test_result_codes"),
        ),
        sa.CheckConstraint(
            "result__absent IS NULL OR result__absent = 'NAP' OR result__absent = 'NASK' OR result__absent = 'ND' OR result__absent = 'UNK'",
            name=op.f("ck_molecular_test_result_absent"),
        ),
        sa.CheckConstraint(
            "specimen IS NULL OR specimen = 'primary' OR specimen = 'lung' OR specimen = 'other_metastasis' OR specimen = 'ctdna'",
            name=op.f("ck_molecular_test_specimen_codes"),
        ),
        sa.CheckConstraint(
            "specimen__absent IS NULL OR specimen__absent = 'NAP' OR specimen__absent = 'NASK' OR specimen__absent = 'ND' OR specimen__absent = 'UNK'",
            name=op.f("ck_molecular_test_specimen_absent"),
        ),
        sa.CheckConstraint(
            "variant__absent IS NULL OR variant__absent = 'NAP' OR variant__absent = 'NASK' OR variant__absent = 'ND' OR variant__absent = 'UNK'",
            name=op.f("ck_molecular_test_variant_absent"),
        ),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_molecular_test_patient_id_form")),
        sa.CheckConstraint("length(variant) BETWEEN 1 AND 10000", name=op.f("ck_molecular_test_variant_form")),
        sa.CheckConstraint(
            "marker IS NOT NULL OR marker__absent IS NOT NULL", name=op.f("ck_molecular_test_marker_required")
        ),
        sa.CheckConstraint("marker IS NULL OR marker__absent IS NULL", name=op.f("ck_molecular_test_marker_either")),
        sa.CheckConstraint("method IS NULL OR method__absent IS NULL", name=op.f("ck_molecular_test_method_either")),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_molecular_test_record_no_range")),
        sa.CheckConstraint(
            "reported_on IS NULL OR reported_on__absent IS NULL", name=op.f("ck_molecular_test_reported_on_either")
        ),
        sa.CheckConstraint(
            "result IS NOT NULL OR result__absent IS NOT NULL", name=op.f("ck_molecular_test_result_required")
        ),
        sa.CheckConstraint("result IS NULL OR result__absent IS NULL", name=op.f("ck_molecular_test_result_either")),
        sa.CheckConstraint(
            "specimen IS NULL OR specimen__absent IS NULL", name=op.f("ck_molecular_test_specimen_either")
        ),
        sa.CheckConstraint("variant IS NULL OR variant__absent IS NULL", name=op.f("ck_molecular_test_variant_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_molecular_test_version_positive")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_molecular_test_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_molecular_test")),
    )
    op.create_table(
        "primary_tumor",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("diagnosed_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("workup_completed_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("first_treated_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("site", sa.String(), autoincrement=False, nullable=True),
        sa.Column("rectal_height_cm", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("c_t", sa.String(), autoincrement=False, nullable=True),
        sa.Column("c_n", sa.String(), autoincrement=False, nullable=True),
        sa.Column("p_t", sa.String(), autoincrement=False, nullable=True),
        sa.Column("p_n", sa.String(), autoincrement=False, nullable=True),
        sa.Column("histology", sa.String(), autoincrement=False, nullable=True),
        sa.Column("grade", sa.String(), autoincrement=False, nullable=True),
        sa.Column("extramural_vascular_invasion", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("lymphovascular_invasion", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("cea_ng_ml", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("curable", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("organ_preservation", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("diagnosed_on__absent", sa.String(length=4), nullable=True),
        sa.Column("workup_completed_on__absent", sa.String(length=4), nullable=True),
        sa.Column("first_treated_on__absent", sa.String(length=4), nullable=True),
        sa.Column("site__absent", sa.String(length=4), nullable=True),
        sa.Column("rectal_height_cm__absent", sa.String(length=4), nullable=True),
        sa.Column("c_t__absent", sa.String(length=4), nullable=True),
        sa.Column("c_n__absent", sa.String(length=4), nullable=True),
        sa.Column("p_t__absent", sa.String(length=4), nullable=True),
        sa.Column("p_n__absent", sa.String(length=4), nullable=True),
        sa.Column("histology__absent", sa.String(length=4), nullable=True),
        sa.Column("grade__absent", sa.String(length=4), nullable=True),
        sa.Column("extramural_vascular_invasion__absent", sa.String(length=4), nullable=True),
        sa.Column("lymphovascular_invasion__absent", sa.String(length=4), nullable=True),
        sa.Column("cea_ng_ml__absent", sa.String(length=4), nullable=True),
        sa.Column("curable__absent", sa.String(length=4), nullable=True),
        sa.Column("organ_preservation__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "c_n IS NULL OR c_n = 'NX' OR c_n = 'N0' OR c_n = 'N1' OR c_n = 'N1a' OR c_n = 'N1b' OR c_n = 'N1c' OR c_n = 'N2' OR c_n = 'N2a' OR c_n = 'N2b'",
            name=op.f("ck_primary_tumor_c_n_codes"),
        ),
        sa.CheckConstraint(
            "c_n__absent IS NULL OR c_n__absent = 'NAP' OR c_n__absent = 'NASK' OR c_n__absent = 'ND' OR c_n__absent = 'UNK'",
            name=op.f("ck_primary_tumor_c_n_absent"),
        ),
        sa.CheckConstraint(
            "c_t IS NULL OR c_t = 'TX' OR c_t = 'T0' OR c_t = 'Tis' OR c_t = 'T1' OR c_t = 'T2' OR c_t = 'T3' OR c_t = 'T4' OR c_t = 'T4a' OR c_t = 'T4b'",
            name=op.f("ck_primary_tumor_c_t_codes"),
        ),
        sa.CheckConstraint(
            "c_t__absent IS NULL OR c_t__absent = 'NAP' OR c_t__absent = 'NASK' OR c_t__absent = 'ND' OR c_t__absent = 'UNK'",
            name=op.f("ck_primary_tumor_c_t_absent"),
        ),
        sa.CheckConstraint(
            "cea_ng_ml__absent IS NULL OR cea_ng_ml__absent = 'NAP' OR cea_ng_ml__absent = 'NASK' OR cea_ng_ml__absent = 'ND' OR cea_ng_ml__absent = 'UNK'",
            name=op.f("ck_primary_tumor_cea_ng_ml_absent"),
        ),
        sa.CheckConstraint(
            "curable__absent IS NULL OR curable__absent = 'NAP' OR curable__absent = 'NASK' OR curable__absent = 'ND' OR curable__absent = 'UNK'",
            name=op.f("ck_primary_tumor_curable_absent"),
        ),
        sa.CheckConstraint(
            "diagnosed_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_primary_tumor_diagnosed_on_form")
        ),
        sa.CheckConstraint(
            "diagnosed_on__absent IS NULL OR diagnosed_on__absent = 'NAP' OR diagnosed_on__absent = 'NASK' OR diagnosed_on__absent = 'ND' OR diagnosed_on__absent = 'UNK'",
            name=op.f("ck_primary_tumor_diagnosed_on_absent"),
        ),
        sa.CheckConstraint(
            "extramural_vascular_invasion__absent IS NULL OR extramural_vascular_invasion__absent = 'NAP' OR extramural_vascular_invasion__absent = 'NASK' OR extramural_vascular_invasion__absent = 'ND' OR extramural_vascular_invasion__absent = 'UNK'",
            name=op.f("ck_primary_tumor_extramural_vascular_invasion_absent"),
        ),
        sa.CheckConstraint(
            "first_treated_on BETWEEN '1900-01-01' AND '2199-12-31'",
            name=op.f("ck_primary_tumor_first_treated_on_form"),
        ),
        sa.CheckConstraint(
            "first_treated_on__absent IS NULL OR first_treated_on__absent = 'NAP' OR first_treated_on__absent = 'NASK' OR first_treated_on__absent = 'ND' OR first_treated_on__absent = 'UNK'",
            name=op.f("ck_primary_tumor_first_treated_on_absent"),
        ),
        sa.CheckConstraint(
            "grade IS NULL OR grade = 'well' OR grade = 'moderate' OR grade = 'poor' OR grade = 'undifferentiated'",
            name=op.f("ck_primary_tumor_grade_codes"),
        ),
        sa.CheckConstraint(
            "grade__absent IS NULL OR grade__absent = 'NAP' OR grade__absent = 'NASK' OR grade__absent = 'ND' OR grade__absent = 'UNK'",
            name=op.f("ck_primary_tumor_grade_absent"),
        ),
        sa.CheckConstraint(
            "histology IS NULL OR histology = 'adenocarcinoma' OR histology = 'mucinous' OR histology = 'signet_ring' OR histology = 'other'",
            name=op.f("ck_primary_tumor_histology_codes"),
        ),
        sa.CheckConstraint(
            "histology__absent IS NULL OR histology__absent = 'NAP' OR histology__absent = 'NASK' OR histology__absent = 'ND' OR histology__absent = 'UNK'",
            name=op.f("ck_primary_tumor_histology_absent"),
        ),
        sa.CheckConstraint(
            "lymphovascular_invasion__absent IS NULL OR lymphovascular_invasion__absent = 'NAP' OR lymphovascular_invasion__absent = 'NASK' OR lymphovascular_invasion__absent = 'ND' OR lymphovascular_invasion__absent = 'UNK'",
            name=op.f("ck_primary_tumor_lymphovascular_invasion_absent"),
        ),
        sa.CheckConstraint(
            "organ_preservation__absent IS NULL OR organ_preservation__absent = 'NAP' OR organ_preservation__absent = 'NASK' OR organ_preservation__absent = 'ND' OR organ_preservation__absent = 'UNK'",
            name=op.f("ck_primary_tumor_organ_preservation_absent"),
        ),
        sa.CheckConstraint(
            "p_n IS NULL OR p_n = 'NX' OR p_n = 'N0' OR p_n = 'N1' OR p_n = 'N1a' OR p_n = 'N1b' OR p_n = 'N1c' OR p_n = 'N2' OR p_n = 'N2a' OR p_n = 'N2b'",
            name=op.f("ck_primary_tumor_p_n_codes"),
        ),
        sa.CheckConstraint(
            "p_n__absent IS NULL OR p_n__absent = 'NAP' OR p_n__absent = 'NASK' OR p_n__absent = 'ND' OR p_n__absent = 'UNK'",
            name=op.f("ck_primary_tumor_p_n_absent"),
        ),
        sa.CheckConstraint(
            "p_t IS NULL OR p_t = 'TX' OR p_t = 'T0' OR p_t = 'Tis' OR p_t = 'T1' OR p_t = 'T2' OR p_t = 'T3' OR p_t = 'T4' OR p_t = 'T4a' OR p_t = 'T4b'",
            name=op.f("ck_primary_tumor_p_t_codes"),
        ),
        sa.CheckConstraint(
            "p_t__absent IS NULL OR p_t__absent = 'NAP' OR p_t__absent = 'NASK' OR p_t__absent = 'ND' OR p_t__absent = 'UNK'",
            name=op.f("ck_primary_tumor_p_t_absent"),
        ),
        sa.CheckConstraint(
            "rectal_height_cm__absent IS NULL OR rectal_height_cm__absent = 'NAP' OR rectal_height_cm__absent = 'NASK' OR rectal_height_cm__absent = 'ND' OR rectal_height_cm__absent = 'UNK'",
            name=op.f("ck_primary_tumor_rectal_height_cm_absent"),
        ),
        sa.CheckConstraint(
            "site IS NULL OR site = 'cecum' OR site = 'ascending_colon' OR site = 'hepatic_flexure' OR site = 'transverse_colon' OR site = 'splenic_flexure' OR site = 'descending_colon' OR site = 'sigmoid_colon' OR site = 'colon_unspecified' OR site = 'rectosigmoid_junction' OR site = 'rectum'",
            name=op.f("ck_primary_tumor_site_codes"),
        ),
        sa.CheckConstraint(
            "site__absent IS NULL OR site__absent = 'NAP' OR site__absent = 'NASK' OR site__absent = 'ND' OR site__absent = 'UNK'",
            name=op.f("ck_primary_tumor_site_absent"),
        ),
        sa.CheckConstraint(
            "workup_completed_on BETWEEN '1900-01-01' AND '2199-12-31'",
            name=op.f("ck_primary_tumor_workup_completed_on_form"),
        ),
        sa.CheckConstraint(
            "workup_completed_on__absent IS NULL OR workup_completed_on__absent = 'NAP' OR workup_completed_on__absent = 'NASK' OR workup_completed_on__absent = 'ND' OR workup_completed_on__absent = 'UNK'",
            name=op.f("ck_primary_tumor_workup_completed_on_absent"),
        ),
        sa.CheckConstraint("c_n IS NULL OR c_n__absent IS NULL", name=op.f("ck_primary_tumor_c_n_either")),
        sa.CheckConstraint("c_t IS NULL OR c_t__absent IS NULL", name=op.f("ck_primary_tumor_c_t_either")),
        sa.CheckConstraint("cea_ng_ml BETWEEN 0 AND 1000000", name=op.f("ck_primary_tumor_cea_ng_ml_range")),
        sa.CheckConstraint(
            "cea_ng_ml IS NULL OR cea_ng_ml__absent IS NULL", name=op.f("ck_primary_tumor_cea_ng_ml_either")
        ),
        sa.CheckConstraint("curable IN (TRUE, FALSE)", name=op.f("ck_primary_tumor_curable_form")),
        sa.CheckConstraint("curable IS NULL OR curable__absent IS NULL", name=op.f("ck_primary_tumor_curable_either")),
        sa.CheckConstraint(
            "diagnosed_on IS NULL OR diagnosed_on__absent IS NULL", name=op.f("ck_primary_tumor_diagnosed_on_either")
        ),
        sa.CheckConstraint(
            "extramural_vascular_invasion IN (TRUE, FALSE)",
            name=op.f("ck_primary_tumor_extramural_vascular_invasion_form"),
        ),
        sa.CheckConstraint(
            "extramural_vascular_invasion IS NULL OR extramural_vascular_invasion__absent IS NULL",
            name=op.f("ck_primary_tumor_extramural_vascular_invasion_either"),
        ),
        sa.CheckConstraint(
            "first_treated_on IS NULL OR first_treated_on__absent IS NULL",
            name=op.f("ck_primary_tumor_first_treated_on_either"),
        ),
        sa.CheckConstraint("grade IS NULL OR grade__absent IS NULL", name=op.f("ck_primary_tumor_grade_either")),
        sa.CheckConstraint(
            "histology IS NULL OR histology__absent IS NULL", name=op.f("ck_primary_tumor_histology_either")
        ),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_primary_tumor_patient_id_form")),
        sa.CheckConstraint(
            "lymphovascular_invasion IN (TRUE, FALSE)", name=op.f("ck_primary_tumor_lymphovascular_invasion_form")
        ),
        sa.CheckConstraint(
            "lymphovascular_invasion IS NULL OR lymphovascular_invasion__absent IS NULL",
            name=op.f("ck_primary_tumor_lymphovascular_invasion_either"),
        ),
        sa.CheckConstraint(
            "organ_preservation IN (TRUE, FALSE)", name=op.f("ck_primary_tumor_organ_preservation_form")
        ),
        sa.CheckConstraint(
            "organ_preservation IS NULL OR organ_preservation__absent IS NULL",
            name=op.f("ck_primary_tumor_organ_preservation_either"),
        ),
        sa.CheckConstraint("p_n IS NULL OR p_n__absent IS NULL", name=op.f("ck_primary_tumor_p_n_either")),
        sa.CheckConstraint("p_t IS NULL OR p_t__absent IS NULL", name=op.f("ck_primary_tumor_p_t_either")),
        sa.CheckConstraint("rectal_height_cm BETWEEN 0 AND 40", name=op.f("ck_primary_tumor_rectal_height_cm_range")),
        sa.CheckConstraint(
            "rectal_height_cm IS NULL OR rectal_height_cm__absent IS NULL",
            name=op.f("ck_primary_tumor_rectal_height_cm_either"),
        ),
        sa.CheckConstraint("site IS NULL OR site__absent IS NULL", name=op.f("ck_primary_tumor_site_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_primary_tumor_version_positive")),
        sa.CheckConstraint(
            "workup_completed_on IS NULL OR workup_completed_on__absent IS NULL",
            name=op.f("ck_primary_tumor_workup_completed_on_either"),
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_primary_tumor_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_primary_tumor")),
    )
    op.create_table(
        "screening_log",
        sa.Column("center_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listed_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("lung_metastases", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=True),
        sa.Column("not_enrolled_reason", sa.String(), autoincrement=False, nullable=True),
        sa.Column("listed_on__absent", sa.String(length=4), nullable=True),
        sa.Column("lung_metastases__absent", sa.String(length=4), nullable=True),
        sa.Column("patient_id__absent", sa.String(length=4), nullable=True),
        sa.Column("not_enrolled_reason__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "listed_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_screening_log_listed_on_form")
        ),
        sa.CheckConstraint(
            "listed_on__absent IS NULL OR listed_on__absent = 'NAP' OR listed_on__absent = 'NASK' OR listed_on__absent = 'ND' OR listed_on__absent = 'UNK'",
            name=op.f("ck_screening_log_listed_on_absent"),
        ),
        sa.CheckConstraint(
            "lung_metastases__absent IS NULL OR lung_metastases__absent = 'NAP' OR lung_metastases__absent = 'NASK' OR lung_metastases__absent = 'ND' OR lung_metastases__absent = 'UNK'",
            name=op.f("ck_screening_log_lung_metastases_absent"),
        ),
        sa.CheckConstraint(
            "not_enrolled_reason IS NULL OR not_enrolled_reason = 'declined_consent' OR not_enrolled_reason = 'ineligible' OR not_enrolled_reason = 'missed' OR not_enrolled_reason = 'other'",
            name=op.f("ck_screening_log_not_enrolled_reason_codes"),
        ),
        sa.CheckConstraint(
            "not_enrolled_reason__absent IS NULL OR not_enrolled_reason__absent = 'NAP' OR not_enrolled_reason__absent = 'NASK' OR not_enrolled_reason__absent = 'ND' OR not_enrolled_reason__absent = 'UNK'",
            name=op.f("ck_screening_log_not_enrolled_reason_absent"),
        ),
        sa.CheckConstraint(
            "patient_id__absent IS NULL OR patient_id__absent = 'NAP' OR patient_id__absent = 'NASK' OR patient_id__absent = 'ND' OR patient_id__absent = 'UNK'",
            name=op.f("ck_screening_log_patient_id_absent"),
        ),
        sa.CheckConstraint("length(center_id) BETWEEN 1 AND 64", name=op.f("ck_screening_log_center_id_form")),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_screening_log_patient_id_form")),
        sa.CheckConstraint(
            "listed_on IS NOT NULL OR listed_on__absent IS NOT NULL", name=op.f("ck_screening_log_listed_on_required")
        ),
        sa.CheckConstraint(
            "listed_on IS NULL OR listed_on__absent IS NULL", name=op.f("ck_screening_log_listed_on_either")
        ),
        sa.CheckConstraint("lung_metastases IN (TRUE, FALSE)", name=op.f("ck_screening_log_lung_metastases_form")),
        sa.CheckConstraint(
            "lung_metastases IS NULL OR lung_metastases__absent IS NULL",
            name=op.f("ck_screening_log_lung_metastases_either"),
        ),
        sa.CheckConstraint(
            "not_enrolled_reason IS NULL OR not_enrolled_reason__absent IS NULL",
            name=op.f("ck_screening_log_not_enrolled_reason_either"),
        ),
        sa.CheckConstraint(
            "patient_id IS NULL OR patient_id__absent IS NULL", name=op.f("ck_screening_log_patient_id_either")
        ),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_screening_log_record_no_range")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_screening_log_version_positive")),
        sa.ForeignKeyConstraint(["center_id"], ["center.center_id"], name="fk_screening_log_center_id"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_screening_log_patient_id"),
        sa.PrimaryKeyConstraint("center_id", "record_no", name=op.f("pk_screening_log")),
    )
    op.create_table(
        "local_treatment",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("episode_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("started_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("ended_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("target", sa.String(), autoincrement=False, nullable=True),
        sa.Column("modality", sa.String(), autoincrement=False, nullable=True),
        sa.Column("intent", sa.String(), autoincrement=False, nullable=True),
        sa.Column("procedure", sa.String(), autoincrement=False, nullable=True),
        sa.Column("lobectomy_reason", sa.String(), autoincrement=False, nullable=True),
        sa.Column("lesions_treated", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("residual_tumor", sa.String(), autoincrement=False, nullable=True),
        sa.Column("node_assessment", sa.String(), autoincrement=False, nullable=True),
        sa.Column("dose_gy", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("fractions", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("local_failure_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("clavien_dindo", sa.String(), autoincrement=False, nullable=True),
        sa.Column("episode_no__absent", sa.String(length=4), nullable=True),
        sa.Column("started_on__absent", sa.String(length=4), nullable=True),
        sa.Column("ended_on__absent", sa.String(length=4), nullable=True),
        sa.Column("target__absent", sa.String(length=4), nullable=True),
        sa.Column("modality__absent", sa.String(length=4), nullable=True),
        sa.Column("intent__absent", sa.String(length=4), nullable=True),
        sa.Column("procedure__absent", sa.String(length=4), nullable=True),
        sa.Column("lobectomy_reason__absent", sa.String(length=4), nullable=True),
        sa.Column("lesions_treated__absent", sa.String(length=4), nullable=True),
        sa.Column("residual_tumor__absent", sa.String(length=4), nullable=True),
        sa.Column("node_assessment__absent", sa.String(length=4), nullable=True),
        sa.Column("dose_gy__absent", sa.String(length=4), nullable=True),
        sa.Column("fractions__absent", sa.String(length=4), nullable=True),
        sa.Column("local_failure_on__absent", sa.String(length=4), nullable=True),
        sa.Column("clavien_dindo__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "clavien_dindo IS NULL OR clavien_dindo = '0' OR clavien_dindo = 'I' OR clavien_dindo = 'II' OR clavien_dindo = 'IIIa' OR clavien_dindo = 'IIIb' OR clavien_dindo = 'IVa' OR clavien_dindo = 'IVb' OR clavien_dindo = 'V'",
            name=op.f("ck_local_treatment_clavien_dindo_codes"),
        ),
        sa.CheckConstraint(
            "clavien_dindo__absent IS NULL OR clavien_dindo__absent = 'NAP' OR clavien_dindo__absent = 'NASK' OR clavien_dindo__absent = 'ND' OR clavien_dindo__absent = 'UNK'",
            name=op.f("ck_local_treatment_clavien_dindo_absent"),
        ),
        sa.CheckConstraint(
            "dose_gy__absent IS NULL OR dose_gy__absent = 'NAP' OR dose_gy__absent = 'NASK' OR dose_gy__absent = 'ND' OR dose_gy__absent = 'UNK'",
            name=op.f("ck_local_treatment_dose_gy_absent"),
        ),
        sa.CheckConstraint(
            "ended_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_local_treatment_ended_on_form")
        ),
        sa.CheckConstraint(
            "ended_on__absent IS NULL OR ended_on__absent = 'NAP' OR ended_on__absent = 'NASK' OR ended_on__absent = 'ND' OR ended_on__absent = 'UNK'",
            name=op.f("ck_local_treatment_ended_on_absent"),
        ),
        sa.CheckConstraint(
            "episode_no__absent IS NULL OR episode_no__absent = 'NAP' OR episode_no__absent = 'NASK' OR episode_no__absent = 'ND' OR episode_no__absent = 'UNK'",
            name=op.f("ck_local_treatment_episode_no_absent"),
        ),
        sa.CheckConstraint(
            "fractions__absent IS NULL OR fractions__absent = 'NAP' OR fractions__absent = 'NASK' OR fractions__absent = 'ND' OR fractions__absent = 'UNK'",
            name=op.f("ck_local_treatment_fractions_absent"),
        ),
        sa.CheckConstraint(
            "intent IS NULL OR intent = 'radical' OR intent = 'palliative' OR intent = 'emergency' OR intent = 'neoadjuvant'",
            name=op.f("ck_local_treatment_intent_codes"),
        ),
        sa.CheckConstraint(
            "intent__absent IS NULL OR intent__absent = 'NAP' OR intent__absent = 'NASK' OR intent__absent = 'ND' OR intent__absent = 'UNK'",
            name=op.f("ck_local_treatment_intent_absent"),
        ),
        sa.CheckConstraint(
            "lesions_treated__absent IS NULL OR lesions_treated__absent = 'NAP' OR lesions_treated__absent = 'NASK' OR lesions_treated__absent = 'ND' OR lesions_treated__absent = 'UNK'",
            name=op.f("ck_local_treatment_lesions_treated_absent"),
        ),
        sa.CheckConstraint(
            "lobectomy_reason IS NULL OR lobectomy_reason = 'deep' OR lobectomy_reason = 'bleeding' OR lobectomy_reason = 'other'",
            name=op.f("ck_local_treatment_lobectomy_reason_codes"),
        ),
        sa.CheckConstraint(
            "lobectomy_reason__absent IS NULL OR lobectomy_reason__absent = 'NAP' OR lobectomy_reason__absent = 'NASK' OR lobectomy_reason__absent = 'ND' OR lobectomy_reason__absent = 'UNK'",
            name=op.f("ck_local_treatment_lobectomy_reason_absent"),
        ),
        sa.CheckConstraint(
            "local_failure_on BETWEEN '1900-01-01' AND '2199-12-31'",
            name=op.f("ck_local_treatment_local_failure_on_form"),
        ),
        sa.CheckConstraint(
            "local_failure_on__absent IS NULL OR local_failure_on__absent = 'NAP' OR local_failure_on__absent = 'NASK' OR local_failure_on__absent = 'ND' OR local_failure_on__absent = 'UNK'",
            name=op.f("ck_local_treatment_local_failure_on_absent"),
        ),
        sa.CheckConstraint(
            "modality IS NULL OR modality = 'resection' OR modality = 'sbrt' OR modality = 'radiofrequency_ablation' OR modality = 'microwave_ablation' OR modality = 'cryoablation' OR modality = 'radiotherapy' OR modality = 'stent' OR modality = 'colostomy' OR modality = 'hemostasis' OR modality = 'other'",
            name=op.f("ck_local_treatment_modality_codes"),
        ),
        sa.CheckConstraint(
            "modality__absent IS NULL OR modality__absent = 'NAP' OR modality__absent = 'NASK' OR modality__absent = 'ND' OR modality__absent = 'UNK'",
            name=op.f("ck_local_treatment_modality_absent"),
        ),
        sa.CheckConstraint(
            "node_assessment IS NULL OR node_assessment = 'none' OR node_assessment = 'sampling' OR node_assessment = 'dissection'",
            name=op.f("ck_local_treatment_node_assessment_codes"),
        ),
        sa.CheckConstraint(
            "node_assessment__absent IS NULL OR node_assessment__absent = 'NAP' OR node_assessment__absent = 'NASK' OR node_assessment__absent = 'ND' OR node_assessment__absent = 'UNK'",
            name=op.f("ck_local_treatment_node_assessment_absent"),
        ),
        sa.CheckConstraint(
            "procedure IS NULL OR procedure = 'wedge' OR procedure = 'segmentectomy' OR procedure = 'lobectomy' OR procedure = 'pneumonectomy' OR procedure = 'other'",
            name=op.f("ck_local_treatment_procedure_codes"),
        ),
        sa.CheckConstraint(
            "procedure__absent IS NULL OR procedure__absent = 'NAP' OR procedure__absent = 'NASK' OR procedure__absent = 'ND' OR procedure__absent = 'UNK'",
            name=op.f("ck_local_treatment_procedure_absent"),
        ),
        sa.CheckConstraint(
            "residual_tumor IS NULL OR residual_tumor = 'R0' OR residual_tumor = 'R1' OR residual_tumor = 'R2' OR residual_tumor = 'RX'",
            name=op.f("ck_local_treatment_residual_tumor_codes"),
        ),
        sa.CheckConstraint(
            "residual_tumor__absent IS NULL OR residual_tumor__absent = 'NAP' OR residual_tumor__absent = 'NASK' OR residual_tumor__absent = 'ND' OR residual_tumor__absent = 'UNK'",
            name=op.f("ck_local_treatment_residual_tumor_absent"),
        ),
        sa.CheckConstraint(
            "started_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_local_treatment_started_on_form")
        ),
        sa.CheckConstraint(
            "started_on__absent IS NULL OR started_on__absent = 'NAP' OR started_on__absent = 'NASK' OR started_on__absent = 'ND' OR started_on__absent = 'UNK'",
            name=op.f("ck_local_treatment_started_on_absent"),
        ),
        sa.CheckConstraint(
            "target IS NULL OR target = 'primary' OR target = 'local_recurrence' OR target = 'lung' OR target = 'liver' OR target = 'peritoneum' OR target = 'pelvic_implant' OR target = 'ovary' OR target = 'distant_lymph_node' OR target = 'brain' OR target = 'bone' OR target = 'adrenal' OR target = 'other'",
            name=op.f("ck_local_treatment_target_codes"),
        ),
        sa.CheckConstraint(
            "target__absent IS NULL OR target__absent = 'NAP' OR target__absent = 'NASK' OR target__absent = 'ND' OR target__absent = 'UNK'",
            name=op.f("ck_local_treatment_target_absent"),
        ),
        sa.CheckConstraint(
            "clavien_dindo IS NULL OR clavien_dindo__absent IS NULL",
            name=op.f("ck_local_treatment_clavien_dindo_either"),
        ),
        sa.CheckConstraint("dose_gy BETWEEN 0 AND 200", name=op.f("ck_local_treatment_dose_gy_range")),
        sa.CheckConstraint(
            "dose_gy IS NULL OR dose_gy__absent IS NULL", name=op.f("ck_local_treatment_dose_gy_either")
        ),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_local_treatment_ended_on_after_started_on")),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on__absent IS NULL", name=op.f("ck_local_treatment_ended_on_either")
        ),
        sa.CheckConstraint("episode_no BETWEEN 1 AND 1000000", name=op.f("ck_local_treatment_episode_no_range")),
        sa.CheckConstraint(
            "episode_no IS NULL OR episode_no__absent IS NULL", name=op.f("ck_local_treatment_episode_no_either")
        ),
        sa.CheckConstraint("fractions BETWEEN 1 AND 100", name=op.f("ck_local_treatment_fractions_range")),
        sa.CheckConstraint(
            "fractions IS NULL OR fractions__absent IS NULL", name=op.f("ck_local_treatment_fractions_either")
        ),
        sa.CheckConstraint("intent IS NULL OR intent__absent IS NULL", name=op.f("ck_local_treatment_intent_either")),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_local_treatment_patient_id_form")),
        sa.CheckConstraint("lesions_treated BETWEEN 0 AND 1000", name=op.f("ck_local_treatment_lesions_treated_range")),
        sa.CheckConstraint(
            "lesions_treated IS NULL OR lesions_treated__absent IS NULL",
            name=op.f("ck_local_treatment_lesions_treated_either"),
        ),
        sa.CheckConstraint(
            "lobectomy_reason IS NULL OR lobectomy_reason__absent IS NULL",
            name=op.f("ck_local_treatment_lobectomy_reason_either"),
        ),
        sa.CheckConstraint(
            "local_failure_on IS NULL OR local_failure_on__absent IS NULL",
            name=op.f("ck_local_treatment_local_failure_on_either"),
        ),
        sa.CheckConstraint(
            "modality IS NOT NULL OR modality__absent IS NOT NULL", name=op.f("ck_local_treatment_modality_required")
        ),
        sa.CheckConstraint(
            "modality IS NULL OR modality__absent IS NULL", name=op.f("ck_local_treatment_modality_either")
        ),
        sa.CheckConstraint(
            "node_assessment IS NULL OR node_assessment__absent IS NULL",
            name=op.f("ck_local_treatment_node_assessment_either"),
        ),
        sa.CheckConstraint(
            "procedure IS NULL OR procedure__absent IS NULL", name=op.f("ck_local_treatment_procedure_either")
        ),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_local_treatment_record_no_range")),
        sa.CheckConstraint(
            "residual_tumor IS NULL OR residual_tumor__absent IS NULL",
            name=op.f("ck_local_treatment_residual_tumor_either"),
        ),
        sa.CheckConstraint(
            "started_on IS NULL OR started_on__absent IS NULL", name=op.f("ck_local_treatment_started_on_either")
        ),
        sa.CheckConstraint(
            "target IS NOT NULL OR target__absent IS NOT NULL", name=op.f("ck_local_treatment_target_required")
        ),
        sa.CheckConstraint("target IS NULL OR target__absent IS NULL", name=op.f("ck_local_treatment_target_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_local_treatment_version_positive")),
        sa.ForeignKeyConstraint(
            ["patient_id", "episode_no"],
            ["episode.patient_id", "episode.record_no"],
            name="fk_local_treatment_episode_no",
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_local_treatment_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_local_treatment")),
    )
    op.create_table(
        "mdt_meeting",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("episode_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("held_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("specialties", sa.String(), autoincrement=False, nullable=True),
        sa.Column("curability_assessed", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("goal", sa.String(), autoincrement=False, nullable=True),
        sa.Column("topics", sa.String(), autoincrement=False, nullable=True),
        sa.Column("recommendation", sa.String(), autoincrement=False, nullable=True),
        sa.Column("episode_no__absent", sa.String(length=4), nullable=True),
        sa.Column("held_on__absent", sa.String(length=4), nullable=True),
        sa.Column("specialties__absent", sa.String(length=4), nullable=True),
        sa.Column("curability_assessed__absent", sa.String(length=4), nullable=True),
        sa.Column("goal__absent", sa.String(length=4), nullable=True),
        sa.Column("topics__absent", sa.String(length=4), nullable=True),
        sa.Column("recommendation__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "curability_assessed__absent IS NULL OR curability_assessed__absent = 'NAP' OR curability_assessed__absent = 'NASK' OR curability_assessed__absent = 'ND' OR curability_assessed__absent = 'UNK'",
            name=op.f("ck_mdt_meeting_curability_assessed_absent"),
        ),
        sa.CheckConstraint(
            "episode_no__absent IS NULL OR episode_no__absent = 'NAP' OR episode_no__absent = 'NASK' OR episode_no__absent = 'ND' OR episode_no__absent = 'UNK'",
            name=op.f("ck_mdt_meeting_episode_no_absent"),
        ),
        sa.CheckConstraint(
            "goal IS NULL OR goal = 'ned' OR goal = 'palliative'", name=op.f("ck_mdt_meeting_goal_codes")
        ),
        sa.CheckConstraint(
            "goal__absent IS NULL OR goal__absent = 'NAP' OR goal__absent = 'NASK' OR goal__absent = 'ND' OR goal__absent = 'UNK'",
            name=op.f("ck_mdt_meeting_goal_absent"),
        ),
        sa.CheckConstraint("held_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_mdt_meeting_held_on_form")),
        sa.CheckConstraint(
            "held_on__absent IS NULL OR held_on__absent = 'NAP' OR held_on__absent = 'NASK' OR held_on__absent = 'ND' OR held_on__absent = 'UNK'",
            name=op.f("ck_mdt_meeting_held_on_absent"),
        ),
        sa.CheckConstraint(
            "recommendation__absent IS NULL OR recommendation__absent = 'NAP' OR recommendation__absent = 'NASK' OR recommendation__absent = 'ND' OR recommendation__absent = 'UNK'",
            name=op.f("ck_mdt_meeting_recommendation_absent"),
        ),
        sa.CheckConstraint(
            "replace(replace(replace(replace(replace(replace(replace(replace(';' || topics || ';', ';initial_strategy;', ';'), ';resectability;', ';'), ';sequence;', ';'), ';preoperative_systemic;', ';'), ';local_treatment;', ';'), ';reassessment;', ';'), ';lymphangitic_local_treatment;', ';'), ';other;', ';') = ';' AND length(topics) > 0",
            name=op.f("ck_mdt_meeting_topics_codes"),
        ),
        sa.CheckConstraint(
            "replace(replace(replace(replace(replace(replace(replace(replace(replace(';' || specialties || ';', ';colorectal_surgery;', ';'), ';thoracic_surgery;', ';'), ';hepatic_surgery;', ';'), ';medical_oncology;', ';'), ';radiation_oncology;', ';'), ';radiology;', ';'), ';interventional_radiology;', ';'), ';pathology;', ';'), ';other;', ';') = ';' AND length(specialties) > 0",
            name=op.f("ck_mdt_meeting_specialties_codes"),
        ),
        sa.CheckConstraint(
            "specialties__absent IS NULL OR specialties__absent = 'NAP' OR specialties__absent = 'NASK' OR specialties__absent = 'ND' OR specialties__absent = 'UNK'",
            name=op.f("ck_mdt_meeting_specialties_absent"),
        ),
        sa.CheckConstraint(
            "topics__absent IS NULL OR topics__absent = 'NAP' OR topics__absent = 'NASK' OR topics__absent = 'ND' OR topics__absent = 'UNK'",
            name=op.f("ck_mdt_meeting_topics_absent"),
        ),
        sa.CheckConstraint(
            "curability_assessed IN (TRUE, FALSE)", name=op.f("ck_mdt_meeting_curability_assessed_form")
        ),
        sa.CheckConstraint(
            "curability_assessed IS NULL OR curability_assessed__absent IS NULL",
            name=op.f("ck_mdt_meeting_curability_assessed_either"),
        ),
        sa.CheckConstraint("episode_no BETWEEN 1 AND 1000000", name=op.f("ck_mdt_meeting_episode_no_range")),
        sa.CheckConstraint(
            "episode_no IS NULL OR episode_no__absent IS NULL", name=op.f("ck_mdt_meeting_episode_no_either")
        ),
        sa.CheckConstraint("goal IS NULL OR goal__absent IS NULL", name=op.f("ck_mdt_meeting_goal_either")),
        sa.CheckConstraint(
            "held_on IS NOT NULL OR held_on__absent IS NOT NULL", name=op.f("ck_mdt_meeting_held_on_required")
        ),
        sa.CheckConstraint("held_on IS NULL OR held_on__absent IS NULL", name=op.f("ck_mdt_meeting_held_on_either")),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_mdt_meeting_patient_id_form")),
        sa.CheckConstraint(
            "length(recommendation) BETWEEN 1 AND 10000", name=op.f("ck_mdt_meeting_recommendation_form")
        ),
        sa.CheckConstraint(
            "recommendation IS NULL OR recommendation__absent IS NULL",
            name=op.f("ck_mdt_meeting_recommendation_either"),
        ),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_mdt_meeting_record_no_range")),
        sa.CheckConstraint(
            "specialties IS NULL OR specialties__absent IS NULL", name=op.f("ck_mdt_meeting_specialties_either")
        ),
        sa.CheckConstraint("topics IS NULL OR topics__absent IS NULL", name=op.f("ck_mdt_meeting_topics_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_mdt_meeting_version_positive")),
        sa.ForeignKeyConstraint(
            ["patient_id", "episode_no"], ["episode.patient_id", "episode.record_no"], name="fk_mdt_meeting_episode_no"
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_mdt_meeting_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_mdt_meeting")),
    )
    op.create_table(
        "pathology",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("episode_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("specimen", sa.String(), autoincrement=False, nullable=True),
        sa.Column("sampled_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("ck20", sa.String(), autoincrement=False, nullable=True),
        sa.Column("cdx2", sa.String(), autoincrement=False, nullable=True),
        sa.Column("satb2", sa.String(), autoincrement=False, nullable=True),
        sa.Column("ck7", sa.String(), autoincrement=False, nullable=True),
        sa.Column("ttf1", sa.String(), autoincrement=False, nullable=True),
        sa.Column("napsin_a", sa.String(), autoincrement=False, nullable=True),
        sa.Column("episode_no__absent", sa.String(length=4), nullable=True),
        sa.Column("specimen__absent", sa.String(length=4), nullable=True),
        sa.Column("sampled_on__absent", sa.String(length=4), nullable=True),
        sa.Column("ck20__absent", sa.String(length=4), nullable=True),
        sa.Column("cdx2__absent", sa.String(length=4), nullable=True),
        sa.Column("satb2__absent", sa.String(length=4), nullable=True),
        sa.Column("ck7__absent", sa.String(length=4), nullable=True),
        sa.Column("ttf1__absent", sa.String(length=4), nullable=True),
        sa.Column("napsin_a__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cdx2 IS NULL OR cdx2 = 'positive' OR cdx2 = 'negative' OR cdx2 = 'not_done'",
            name=op.f("ck_pathology_cdx2_codes"),
        ),
        sa.CheckConstraint(
            "cdx2__absent IS NULL OR cdx2__absent = 'NAP' OR cdx2__absent = 'NASK' OR cdx2__absent = 'ND' OR cdx2__absent = 'UNK'",
            name=op.f("ck_pathology_cdx2_absent"),
        ),
        sa.CheckConstraint(
            "ck20 IS NULL OR ck20 = 'positive' OR ck20 = 'negative' OR ck20 = 'not_done'",
            name=op.f("ck_pathology_ck20_codes"),
        ),
        sa.CheckConstraint(
            "ck20__absent IS NULL OR ck20__absent = 'NAP' OR ck20__absent = 'NASK' OR ck20__absent = 'ND' OR ck20__absent = 'UNK'",
            name=op.f("ck_pathology_ck20_absent"),
        ),
        sa.CheckConstraint(
            "ck7 IS NULL OR ck7 = 'positive' OR ck7 = 'negative' OR ck7 = 'not_done'",
            name=op.f("ck_pathology_ck7_codes"),
        ),
        sa.CheckConstraint(
            "ck7__absent IS NULL OR ck7__absent = 'NAP' OR ck7__absent = 'NASK' OR ck7__absent = 'ND' OR ck7__absent = 'UNK'",
            name=op.f("ck_pathology_ck7_absent"),
        ),
        sa.CheckConstraint(
            "episode_no__absent IS NULL OR episode_no__absent = 'NAP' OR episode_no__absent = 'NASK' OR episode_no__absent = 'ND' OR episode_no__absent = 'UNK'",
            name=op.f("ck_pathology_episode_no_absent"),
        ),
        sa.CheckConstraint(
            "napsin_a IS NULL OR napsin_a = 'positive' OR napsin_a = 'negative' OR napsin_a = 'not_done'",
            name=op.f("ck_pathology_napsin_a_codes"),
        ),
        sa.CheckConstraint(
            "napsin_a__absent IS NULL OR napsin_a__absent = 'NAP' OR napsin_a__absent = 'NASK' OR napsin_a__absent = 'ND' OR napsin_a__absent = 'UNK'",
            name=op.f("ck_pathology_napsin_a_absent"),
        ),
        sa.CheckConstraint(
            "sampled_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_pathology_sampled_on_form")
        ),
        sa.CheckConstraint(
            "sampled_on__absent IS NULL OR sampled_on__absent = 'NAP' OR sampled_on__absent = 'NASK' OR sampled_on__absent = 'ND' OR sampled_on__absent = 'UNK'",
            name=op.f("ck_pathology_sampled_on_absent"),
        ),
        sa.CheckConstraint(
            "satb2 IS NULL OR satb2 = 'positive' OR satb2 = 'negative' OR satb2 = 'not_done'",
            name=op.f("ck_pathology_satb2_codes"),
        ),
        sa.CheckConstraint(
            "satb2__absent IS NULL OR satb2__absent = 'NAP' OR satb2__absent = 'NASK' OR satb2__absent = 'ND' OR satb2__absent = 'UNK'",
            name=op.f("ck_pathology_satb2_absent"),
        ),
        sa.CheckConstraint(
            "specimen IS NULL OR specimen = 'primary' OR specimen = 'lung' OR specimen = 'liver' OR specimen = 'other'",
            name=op.f("ck_pathology_specimen_codes"),
        ),
        sa.CheckConstraint(
            "specimen__absent IS NULL OR specimen__absent = 'NAP' OR specimen__absent = 'NASK' OR specimen__absent = 'ND' OR specimen__absent = 'UNK'",
            name=op.f("ck_pathology_specimen_absent"),
        ),
        sa.CheckConstraint(
            "ttf1 IS NULL OR ttf1 = 'positive' OR ttf1 = 'negative' OR ttf1 = 'not_done'",
            name=op.f("ck_pathology_ttf1_codes"),
        ),
        sa.CheckConstraint(
            "ttf1__absent IS NULL OR ttf1__absent = 'NAP' OR ttf1__absent = 'NASK' OR ttf1__absent = 'ND' OR ttf1__absent = 'UNK'",
            name=op.f("ck_pathology_ttf1_absent"),
        ),
        sa.CheckConstraint("cdx2 IS NULL OR cdx2__absent IS NULL", name=op.f("ck_pathology_cdx2_either")),
        sa.CheckConstraint("ck20 IS NULL OR ck20__absent IS NULL", name=op.f("ck_pathology_ck20_either")),
        sa.CheckConstraint("ck7 IS NULL OR ck7__absent IS NULL", name=op.f("ck_pathology_ck7_either")),
        sa.CheckConstraint("episode_no BETWEEN 1 AND 1000000", name=op.f("ck_pathology_episode_no_range")),
        sa.CheckConstraint(
            "episode_no IS NULL OR episode_no__absent IS NULL", name=op.f("ck_pathology_episode_no_either")
        ),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_pathology_patient_id_form")),
        sa.CheckConstraint("napsin_a IS NULL OR napsin_a__absent IS NULL", name=op.f("ck_pathology_napsin_a_either")),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_pathology_record_no_range")),
        sa.CheckConstraint(
            "sampled_on IS NULL OR sampled_on__absent IS NULL", name=op.f("ck_pathology_sampled_on_either")
        ),
        sa.CheckConstraint("satb2 IS NULL OR satb2__absent IS NULL", name=op.f("ck_pathology_satb2_either")),
        sa.CheckConstraint(
            "specimen IS NOT NULL OR specimen__absent IS NOT NULL", name=op.f("ck_pathology_specimen_required")
        ),
        sa.CheckConstraint("specimen IS NULL OR specimen__absent IS NULL", name=op.f("ck_pathology_specimen_either")),
        sa.CheckConstraint("ttf1 IS NULL OR ttf1__absent IS NULL", name=op.f("ck_pathology_ttf1_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_pathology_version_positive")),
        sa.ForeignKeyConstraint(
            ["patient_id", "episode_no"], ["episode.patient_id", "episode.record_no"], name="fk_pathology_episode_no"
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_pathology_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_pathology")),
    )
    op.create_table(
        "rule_exception",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("episode_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("rule_id", sa.String(), autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(), autoincrement=False, nullable=True),
        sa.Column("note", sa.String(), autoincrement=False, nullable=True),
        sa.Column("episode_no__absent", sa.String(length=4), nullable=True),
        sa.Column("rule_id__absent", sa.String(length=4), nullable=True),
        sa.Column("reason__absent", sa.String(length=4), nullable=True),
        sa.Column("note__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "episode_no__absent IS NULL OR episode_no__absent = 'NAP' OR episode_no__absent = 'NASK' OR episode_no__absent = 'ND' OR episode_no__absent = 'UNK'",
            name=op.f("ck_rule_exception_episode_no_absent"),
        ),
        sa.CheckConstraint(
            "note__absent IS NULL OR note__absent = 'NAP' OR note__absent = 'NASK' OR note__absent = 'ND' OR note__absent = 'UNK'",
            name=op.f("ck_rule_exception_note_absent"),
        ),
        sa.CheckConstraint(
            "reason IS NULL OR reason = 'performance_status' OR reason = 'refusal' OR reason = 'toxicity' OR reason = 'progression' OR reason = 'complication' OR reason = 'contraindication' OR reason = 'no_tissue' OR reason = 'mdt_decision' OR reason = 'other'",
            name=op.f("ck_rule_exception_reason_codes"),
        ),
        sa.CheckConstraint(
            "reason__absent IS NULL OR reason__absent = 'NAP' OR reason__absent = 'NASK' OR reason__absent = 'ND' OR reason__absent = 'UNK'",
            name=op.f("ck_rule_exception_reason_absent"),
        ),
        sa.CheckConstraint(
            "rule_id__absent IS NULL OR rule_id__absent = 'NAP' OR rule_id__absent = 'NASK' OR rule_id__absent = 'ND' OR rule_id__absent = 'UNK'",
            name=op.f("ck_rule_exception_rule_id_absent"),
        ),
        sa.CheckConstraint("episode_no BETWEEN 1 AND 1000000", name=op.f("ck_rule_exception_episode_no_range")),
        sa.CheckConstraint(
            "episode_no IS NULL OR episode_no__absent IS NULL", name=op.f("ck_rule_exception_episode_no_either")
        ),
        sa.CheckConstraint("length(note) BETWEEN 1 AND 10000", name=op.f("ck_rule_exception_note_form")),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_rule_exception_patient_id_form")),
        sa.CheckConstraint("length(rule_id) BETWEEN 1 AND 10000", name=op.f("ck_rule_exception_rule_id_form")),
        sa.CheckConstraint("note IS NULL OR note__absent IS NULL", name=op.f("ck_rule_exception_note_either")),
        sa.CheckConstraint(
            "reason IS NOT NULL OR reason__absent IS NOT NULL", name=op.f("ck_rule_exception_reason_required")
        ),
        sa.CheckConstraint("reason IS NULL OR reason__absent IS NULL", name=op.f("ck_rule_exception_reason_either")),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_rule_exception_record_no_range")),
        sa.CheckConstraint(
            "rule_id IS NOT NULL OR rule_id__absent IS NOT NULL", name=op.f("ck_rule_exception_rule_id_required")
        ),
        sa.CheckConstraint("rule_id IS NULL OR rule_id__absent IS NULL", name=op.f("ck_rule_exception_rule_id_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_rule_exception_version_positive")),
        sa.ForeignKeyConstraint(
            ["patient_id", "episode_no"],
            ["episode.patient_id", "episode.record_no"],
            name="fk_rule_exception_episode_no",
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_rule_exception_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_rule_exception")),
    )
    op.create_table(
        "study",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("episode_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("performed_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("modality", sa.String(), autoincrement=False, nullable=True),
        sa.Column("purpose", sa.String(), autoincrement=False, nullable=True),
        sa.Column("found_metastases", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("biopsy_taken", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("result", sa.String(), autoincrement=False, nullable=True),
        sa.Column("episode_no__absent", sa.String(length=4), nullable=True),
        sa.Column("performed_on__absent", sa.String(length=4), nullable=True),
        sa.Column("modality__absent", sa.String(length=4), nullable=True),
        sa.Column("purpose__absent", sa.String(length=4), nullable=True),
        sa.Column("found_metastases__absent", sa.String(length=4), nullable=True),
        sa.Column("biopsy_taken__absent", sa.String(length=4), nullable=True),
        sa.Column("result__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "biopsy_taken__absent IS NULL OR biopsy_taken__absent = 'NAP' OR biopsy_taken__absent = 'NASK' OR biopsy_taken__absent = 'ND' OR biopsy_taken__absent = 'UNK'",
            name=op.f("ck_study_biopsy_taken_absent"),
        ),
        sa.CheckConstraint(
            "episode_no__absent IS NULL OR episode_no__absent = 'NAP' OR episode_no__absent = 'NASK' OR episode_no__absent = 'ND' OR episode_no__absent = 'UNK'",
            name=op.f("ck_study_episode_no_absent"),
        ),
        sa.CheckConstraint(
            "found_metastases__absent IS NULL OR found_metastases__absent = 'NAP' OR found_metastases__absent = 'NASK' OR found_metastases__absent = 'ND' OR found_metastases__absent = 'UNK'",
            name=op.f("ck_study_found_metastases_absent"),
        ),
        sa.CheckConstraint(
            "modality IS NULL OR modality = 'chest_xray' OR modality = 'chest_ct_plain' OR modality = 'chest_ct_high_resolution' OR modality = 'chest_ct_contrast' OR modality = 'chest_mri' OR modality = 'abdomen_ct_contrast' OR modality = 'liver_mri_contrast' OR modality = 'pelvis_mri_contrast' OR modality = 'bone_scan' OR modality = 'pet_ct' OR modality = 'colonoscopy' OR modality = 'lung_function' OR modality = 'other'",
            name=op.f("ck_study_modality_codes"),
        ),
        sa.CheckConstraint(
            "modality__absent IS NULL OR modality__absent = 'NAP' OR modality__absent = 'NASK' OR modality__absent = 'ND' OR modality__absent = 'UNK'",
            name=op.f("ck_study_modality_absent"),
        ),
        sa.CheckConstraint(
            "performed_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_study_performed_on_form")
        ),
        sa.CheckConstraint(
            "performed_on__absent IS NULL OR performed_on__absent = 'NAP' OR performed_on__absent = 'NASK' OR performed_on__absent = 'ND' OR performed_on__absent = 'UNK'",
            name=op.f("ck_study_performed_on_absent"),
        ),
        sa.CheckConstraint(
            "purpose IS NULL OR purpose = 'staging' OR purpose = 'resectability' OR purpose = 'response' OR purpose = 'surveillance' OR purpose = 'undetermined_lesion' OR purpose = 'routine' OR purpose = 'other'",
            name=op.f("ck_study_purpose_codes"),
        ),
        sa.CheckConstraint(
            "purpose__absent IS NULL OR purpose__absent = 'NAP' OR purpose__absent = 'NASK' OR purpose__absent = 'ND' OR purpose__absent = 'UNK'",
            name=op.f("ck_study_purpose_absent"),
        ),
        sa.CheckConstraint(
            "result IS NULL OR result = 'no_disease' OR result = 'stable' OR result = 'response' OR result = 'progression' OR result = 'new_lesion' OR result = 'indeterminate'",
            name=op.f("ck_study_result_codes"),
        ),
        sa.CheckConstraint(
            "result__absent IS NULL OR result__absent = 'NAP' OR result__absent = 'NASK' OR result__absent = 'ND' OR result__absent = 'UNK'",
            name=op.f("ck_study_result_absent"),
        ),
        sa.CheckConstraint("biopsy_taken IN (TRUE, FALSE)", name=op.f("ck_study_biopsy_taken_form")),
        sa.CheckConstraint(
            "biopsy_taken IS NULL OR biopsy_taken__absent IS NULL", name=op.f("ck_study_biopsy_taken_either")
        ),
        sa.CheckConstraint("episode_no BETWEEN 1 AND 1000000", name=op.f("ck_study_episode_no_range")),
        sa.CheckConstraint("episode_no IS NULL OR episode_no__absent IS NULL", name=op.f("ck_study_episode_no_either")),
        sa.CheckConstraint("found_metastases IN (TRUE, FALSE)", name=op.f("ck_study_found_metastases_form")),
        sa.CheckConstraint(
            "found_metastases IS NULL OR found_metastases__absent IS NULL",
            name=op.f("ck_study_found_metastases_either"),
        ),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_study_patient_id_form")),
        sa.CheckConstraint(
            "modality IS NOT NULL OR modality__absent IS NOT NULL", name=op.f("ck_study_modality_required")
        ),
        sa.CheckConstraint("modality IS NULL OR modality__absent IS NULL", name=op.f("ck_study_modality_either")),
        sa.CheckConstraint(
            "performed_on IS NOT NULL OR performed_on__absent IS NOT NULL", name=op.f("ck_study_performed_on_required")
        ),
        sa.CheckConstraint(
            "performed_on IS NULL OR performed_on__absent IS NULL", name=op.f("ck_study_performed_on_either")
        ),
        sa.CheckConstraint("purpose IS NULL OR purpose__absent IS NULL", name=op.f("ck_study_purpose_either")),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_study_record_no_range")),
        sa.CheckConstraint("result IS NULL OR result__absent IS NULL", name=op.f("ck_study_result_either")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_study_version_positive")),
        sa.ForeignKeyConstraint(
            ["patient_id", "episode_no"], ["episode.patient_id", "episode.record_no"], name="fk_study_episode_no"
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_study_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_study")),
    )
    op.create_table(
        "systemic_therapy",
        sa.Column("patient_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("episode_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("started_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("ended_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("intent", sa.String(), autoincrement=False, nullable=True),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("backbone", sa.String(), autoincrement=False, nullable=True),
        sa.Column("regimen", sa.String(), autoincrement=False, nullable=True),
        sa.Column("targeted_agent", sa.String(), autoincrement=False, nullable=True),
        sa.Column("cycles", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("best_response", sa.String(), autoincrement=False, nullable=True),
        sa.Column("response_assessed_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("worst_toxicity_grade", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("stop_reason", sa.String(), autoincrement=False, nullable=True),
        sa.Column("episode_no__absent", sa.String(length=4), nullable=True),
        sa.Column("started_on__absent", sa.String(length=4), nullable=True),
        sa.Column("ended_on__absent", sa.String(length=4), nullable=True),
        sa.Column("intent__absent", sa.String(length=4), nullable=True),
        sa.Column("line__absent", sa.String(length=4), nullable=True),
        sa.Column("backbone__absent", sa.String(length=4), nullable=True),
        sa.Column("regimen__absent", sa.String(length=4), nullable=True),
        sa.Column("targeted_agent__absent", sa.String(length=4), nullable=True),
        sa.Column("cycles__absent", sa.String(length=4), nullable=True),
        sa.Column("best_response__absent", sa.String(length=4), nullable=True),
        sa.Column("response_assessed_on__absent", sa.String(length=4), nullable=True),
        sa.Column("worst_toxicity_grade__absent", sa.String(length=4), nullable=True),
        sa.Column("stop_reason__absent", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "backbone IS NULL OR backbone = 'oxaliplatin' OR backbone = 'irinotecan' OR backbone = 'oxaliplatin_irinotecan' OR backbone = 'fluoropyrimidine' OR backbone = 'other' OR backbone = 'none'",
            name=op.f("ck_systemic_therapy_backbone_codes"),
        ),
        sa.CheckConstraint(
            "backbone__absent IS NULL OR backbone__absent = 'NAP' OR backbone__absent = 'NASK' OR backbone__absent = 'ND' OR backbone__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_backbone_absent"),
        ),
        sa.CheckConstraint(
            "best_response IS NULL OR best_response = 'CR' OR best_response = 'PR' OR best_response = 'SD' OR best_response = 'PD' OR best_response = 'NE'",
            name=op.f("ck_systemic_therapy_best_response_codes"),
        ),
        sa.CheckConstraint(
            "best_response__absent IS NULL OR best_response__absent = 'NAP' OR best_response__absent = 'NASK' OR best_response__absent = 'ND' OR best_response__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_best_response_absent"),
        ),
        sa.CheckConstraint(
            "cycles__absent IS NULL OR cycles__absent = 'NAP' OR cycles__absent = 'NASK' OR cycles__absent = 'ND' OR cycles__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_cycles_absent"),
        ),
        sa.CheckConstraint(
            "ended_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_systemic_therapy_ended_on_form")
        ),
        sa.CheckConstraint(
            "ended_on__absent IS NULL OR ended_on__absent = 'NAP' OR ended_on__absent = 'NASK' OR ended_on__absent = 'ND' OR ended_on__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_ended_on_absent"),
        ),
        sa.CheckConstraint(
            "episode_no__absent IS NULL OR episode_no__absent = 'NAP' OR episode_no__absent = 'NASK' OR episode_no__absent = 'ND' OR episode_no__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_episode_no_absent"),
        ),
        sa.CheckConstraint(
            "intent IS NULL OR intent = 'preoperative' OR intent = 'conversion' OR intent = 'postoperative' OR intent = 'palliative'",
            name=op.f("ck_systemic_therapy_intent_codes"),
        ),
        sa.CheckConstraint(
            "intent__absent IS NULL OR intent__absent = 'NAP' OR intent__absent = 'NASK' OR intent__absent = 'ND' OR intent__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_intent_absent"),
        ),
        sa.CheckConstraint(
            "line__absent IS NULL OR line__absent = 'NAP' OR line__absent = 'NASK' OR line__absent = 'ND' OR line__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_line_absent"),
        ),
        sa.CheckConstraint(
            "regimen__absent IS NULL OR regimen__absent = 'NAP' OR regimen__absent = 'NASK' OR regimen__absent = 'ND' OR regimen__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_regimen_absent"),
        ),
        sa.CheckConstraint(
            "response_assessed_on BETWEEN '1900-01-01' AND '2199-12-31'",
            name=op.f("ck_systemic_therapy_response_assessed_on_form"),
        ),
        sa.CheckConstraint(
            "response_assessed_on__absent IS NULL OR response_assessed_on__absent = 'NAP' OR response_assessed_on__absent = 'NASK' OR response_assessed_on__absent = 'ND' OR response_assessed_on__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_response_assessed_on_absent"),
        ),
        sa.CheckConstraint(
            "started_on BETWEEN '1900-01-01' AND '2199-12-31'", name=op.f("ck_systemic_therapy_started_on_form")
        ),
        sa.CheckConstraint(
            "started_on__absent IS NULL OR started_on__absent = 'NAP' OR started_on__absent = 'NASK' OR started_on__absent = 'ND' OR started_on__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_started_on_absent"),
        ),
        sa.CheckConstraint(
            "stop_reason IS NULL OR stop_reason = 'completed' OR stop_reason = 'progression' OR stop_reason = 'toxicity' OR stop_reason = 'refusal' OR stop_reason = 'death' OR stop_reason = 'other'",
            name=op.f("ck_systemic_therapy_stop_reason_codes"),
        ),
        sa.CheckConstraint(
            "stop_reason__absent IS NULL OR stop_reason__absent = 'NAP' OR stop_reason__absent = 'NASK' OR stop_reason__absent = 'ND' OR stop_reason__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_stop_reason_absent"),
        ),
        sa.CheckConstraint(
            "targeted_agent IS NULL OR targeted_agent = 'none' OR targeted_agent = 'bevacizumab' OR targeted_agent = 'cetuximab' OR targeted_agent = 'panitumumab' OR targeted_agent = 'regorafenib' OR targeted_agent = 'other'",
            name=op.f("ck_systemic_therapy_targeted_agent_codes"),
        ),
        sa.CheckConstraint(
            "targeted_agent__absent IS NULL OR targeted_agent__absent = 'NAP' OR targeted_agent__absent = 'NASK' OR targeted_agent__absent = 'ND' OR targeted_agent__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_targeted_agent_absent"),
        ),
        sa.CheckConstraint(
            "worst_toxicity_grade__absent IS NULL OR worst_toxicity_grade__absent = 'NAP' OR worst_toxicity_grade__absent = 'NASK' OR worst_toxicity_grade__absent = 'ND' OR worst_toxicity_grade__absent = 'UNK'",
            name=op.f("ck_systemic_therapy_worst_toxicity_grade_absent"),
        ),
        sa.CheckConstraint(
            "backbone IS NULL OR backbone__absent IS NULL", name=op.f("ck_systemic_therapy_backbone_either")
        ),
        sa.CheckConstraint(
            "best_response IS NULL OR best_response__absent IS NULL",
            name=op.f("ck_systemic_therapy_best_response_either"),
        ),
        sa.CheckConstraint("cycles BETWEEN 0 AND 300", name=op.f("ck_systemic_therapy_cycles_range")),
        sa.CheckConstraint("cycles IS NULL OR cycles__absent IS NULL", name=op.f("ck_systemic_therapy_cycles_either")),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_systemic_therapy_ended_on_after_started_on")),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on__absent IS NULL", name=op.f("ck_systemic_therapy_ended_on_either")
        ),
        sa.CheckConstraint("episode_no BETWEEN 1 AND 1000000", name=op.f("ck_systemic_therapy_episode_no_range")),
        sa.CheckConstraint(
            "episode_no IS NULL OR episode_no__absent IS NULL", name=op.f("ck_systemic_therapy_episode_no_either")
        ),
        sa.CheckConstraint("intent IS NULL OR intent__absent IS NULL", name=op.f("ck_systemic_therapy_intent_either")),
        sa.CheckConstraint("length(patient_id) BETWEEN 1 AND 64", name=op.f("ck_systemic_therapy_patient_id_form")),
        sa.CheckConstraint("length(regimen) BETWEEN 1 AND 10000", name=op.f("ck_systemic_therapy_regimen_form")),
        sa.CheckConstraint("line BETWEEN 1 AND 30", name=op.f("ck_systemic_therapy_line_range")),
        sa.CheckConstraint("line IS NULL OR line__absent IS NULL", name=op.f("ck_systemic_therapy_line_either")),
        sa.CheckConstraint("record_no BETWEEN 1 AND 1000000", name=op.f("ck_systemic_therapy_record_no_range")),
        sa.CheckConstraint(
            "regimen IS NULL OR regimen__absent IS NULL", name=op.f("ck_systemic_therapy_regimen_either")
        ),
        sa.CheckConstraint(
            "response_assessed_on IS NULL OR response_assessed_on__absent IS NULL",
            name=op.f("ck_systemic_therapy_response_assessed_on_either"),
        ),
        sa.CheckConstraint(
            "started_on IS NOT NULL OR started_on__absent IS NOT NULL",
            name=op.f("ck_systemic_therapy_started_on_required"),
        ),
        sa.CheckConstraint(
            "started_on IS NULL OR started_on__absent IS NULL", name=op.f("ck_systemic_therapy_started_on_either")
        ),
        sa.CheckConstraint(
            "stop_reason IS NULL OR stop_reason__absent IS NULL", name=op.f("ck_systemic_therapy_stop_reason_either")
        ),
        sa.CheckConstraint(
            "targeted_agent IS NULL OR targeted_agent__absent IS NULL",
            name=op.f("ck_systemic_therapy_targeted_agent_either"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_systemic_therapy_version_positive")),
        sa.CheckConstraint(
            "worst_toxicity_grade BETWEEN 0 AND 5", name=op.f("ck_systemic_therapy_worst_toxicity_grade_codes")
        ),
        sa.CheckConstraint(
            "worst_toxicity_grade IS NULL OR worst_toxicity_grade__absent IS NULL",
            name=op.f("ck_systemic_therapy_worst_toxicity_grade_either"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id", "episode_no"],
            ["episode.patient_id", "episode.record_no"],
            name="fk_systemic_therapy_episode_no",
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.patient_id"], name="fk_systemic_therapy_patient_id"),
        sa.PrimaryKeyConstraint("patient_id", "record_no", name=op.f("pk_systemic_therapy")),
    )


def downgrade() -> None:
    op.drop_table("systemic_therapy")
    op.drop_table("study")
    op.drop_table("rule_exception")
    op.drop_table("pathology")
    op.drop_table("mdt_meeting")
    op.drop_table("local_treatment")
    op.drop_table("screening_log")
    op.drop_table("primary_tumor")
    op.drop_table("molecular_test")
    op.drop_table("metastasis")
    op.drop_table("follow_up")
    op.drop_table("episode")
    op.drop_table("disease_event")
    op.drop_table("patient")
    op.drop_table("data_query_message")
    op.drop_table("revision")
    op.drop_table("data_query")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index("ix_change_owner")

    op.drop_table("change")
    op.drop_table("center")
