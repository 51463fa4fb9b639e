"""A study with one of everything and a person in each role, for tests of who may do what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from annotations import jobs
from annotations.models import (
    SCOPES,
    Annotation,
    Job,
    LabelAgreement,
    RoundFigure,
    RoundReport,
    Study,
    Upload,
    User,
)
from annotations.results.round_report import LabelAgreementResult, RoundResult, RoundTexts
from annotations.services.api_tokens import create_api_token
from annotations.services.invitations import Terms, invite, withdraw_invitation
from annotations.services.people import make_sign_in_link
from annotations.services.studies import publish_guideline
from hlv.core.stored_results import dump, plain
from hlv.stats.agreement import Coefficient, Entered
from hlv.stats.agreement.agreement_report import Alpha, CohenKappa
from hlv.stats.power.scenario import Scenario
from hlv.stats.power.simulated_campaigns import power_analysis
from hlv.stats.raters.disjoint_noise_ceiling import DisjointCeiling
from metaeval.models import Figure, Metric, MetricAgreement, Ranking, SupplementaryAnalysis
from metaeval.results.noise_ceiling import NoiseCeiling
from tests.making import (
    make_campaign,
    make_comparisons,
    make_exposure,
    make_import,
    make_items,
    make_methods,
    make_outputs,
    make_participant,
    make_person,
    make_seat,
    make_study,
)
from tests.metaeval.making_training import make_training

# Columns: nobody is signed out; a stranger has an account and no role here; "annotator" holds the seat and
# "judge" the exposure that the addresses name, their colleagues hold others; a judging researcher has both roles.
ACTORS = (
    "nobody", "stranger", "annotator", "annotating colleague", "judge", "judging colleague",
    "researcher", "owner", "judging researcher",
)  # fmt: skip

OF_CAMPAIGN = (
    *(
        "campaign",
        "campaign-state",
        "campaign-forecast",
        "campaign-preview",
        "comparisons",
        "comparisons-file",
    ),
    *("campaign-audit", "campaign-audit-file", "allow-judging", "judge-feedback", "my-judgments"),
)
PLAN = {"n_methods": 2, "n_judges": 2, "n_judgments": 20}
FORECAST = {"name": "as planned", **plain(power_analysis(Scenario(**PLAN), n_simulations=1, seed=1).result())}


NO_ANSWERS = Coefficient(None, undetermined="There are no answers.")
CEILING = DisjointCeiling(
    disjoint=0.5, same_texts=0.7, same_judges=0.6, reliability=0.71, ceiling=0.85, reliability_same_texts=0.86,
    ceiling_same_texts=0.93, n_splits=50, n_without_answer=0, n_judges=8, n_texts=12,
)  # fmt: skip
NO_AGREEMENT = dump(
    LabelAgreementResult(
        task="multilabel",
        krippendorff_alpha=Alpha(**vars(NO_ANSWERS)),
        percent=NO_ANSWERS,
        fleiss_kappa=NO_ANSWERS,
        cohen_kappa=CohenKappa(**vars(NO_ANSWERS)),
        gwet_ac1=NO_ANSWERS,
        krippendorff_alpha_by_distance={},
        per_label=[],
        entered=Entered(0, 0, 0, 0),
        n_resamples=0,
    )
)


@dataclass
class World:
    """A study with one of everything, and a person in each role."""

    study: Study
    people: dict[str, User]
    addresses: dict[str, dict[str, Any]]
    campaign: str
    clients: dict[int, Client] = field(default_factory=dict)


def make_world() -> World:
    study = make_study(answers_wanted=9)
    publish_guideline(study, text="Read the whole request.")
    publish_guideline(study, text="Read the whole request, and then its annex.")
    items = make_items(study, 3)
    methods = make_methods(study)
    make_outputs(methods, items)
    campaign = make_campaign(study, judges_per_comparison=9)
    make_comparisons(campaign, items, methods)
    people = {actor: make_person(actor) for actor in ACTORS if actor != "nobody"}
    people["owner"].may_create_studies = True
    people["owner"].save()
    roles = {
        "annotator": ["annotator"], "annotating colleague": ["annotator"],
        "judge": ["judge"], "judging colleague": ["judge"],
        "researcher": ["researcher"], "owner": ["owner"], "judging researcher": ["judge", "researcher"],
    }  # fmt: skip
    held = {
        (who, role): make_participant(study, role, user=people[who])
        for who, all_of in roles.items()
        for role in all_of
    }
    seat = make_seat(held["annotator", "annotator"])
    make_seat(held["annotating colleague", "annotator"])
    exposure = make_exposure(held["judge", "judge"], campaign)
    make_exposure(held["judging colleague", "judge"], campaign)
    job = jobs.create(kind="agreement", study=study, params={})
    refused = Job.objects.create(
        study=study, kind="import", state=Job.State.FAILED,
        result={"errors": [{"source": "a.csv", "row": 2, "column": "", "sentence": "There is no such item."}]},
    )  # fmt: skip
    simulated = jobs.create(kind="forecast", study=study, params={"plan": PLAN, "n_simulations": 1})
    Job.objects.filter(pk=simulated.pk).update(state=Job.State.DONE, result={"forecasts": [FORECAST]})
    bundle = Job.objects.create(
        study=study,
        kind="bundle",
        state=Job.State.DONE,
        params={"as_of": "2026-03-01T14:20:00Z", "names": False},
        result={},
    )
    invitation, link = invite(study, terms=Terms(role="annotator"), by=people["owner"])
    # Withdrawn before a row of the matrix asks anew for a link.
    withdrawn, _link = invite(study, terms=Terms(role="annotator"), by=people["owner"])
    withdraw_invitation(withdrawn, by=people["owner"])
    upload = Upload.objects.create(study=study, kind="items", name="a.csv", size=1, sha256="0")
    batch = make_import(study)
    ranking = Ranking.objects.create(
        study=study, campaign=campaign, seed=1, code_version="hlv", data_fingerprint="0", as_of=study.created_at,
        result={"methods": [], "notes": [], "n_judgments": 0, "n_judges": 0}, undetermined="There are no judgments.",
    )  # fmt: skip
    MetricAgreement.objects.create(
        study=study, campaign=campaign, ranking=ranking, seed=1, code_version="hlv", data_fingerprint="0",
        as_of=study.created_at,
        result={
            "methods": ["a", "b"],
            "metrics": [],
            "notes": [],
            "scores": {"human": {"values": [1.0, 0.0]}, "human_label": "", "metrics": {}},
        },
    )  # fmt: skip
    analysis = SupplementaryAnalysis.objects.create(
        study=study, campaign=campaign, kind="noise-ceiling", seed=1, code_version="hlv", data_fingerprint="0",
        as_of=study.created_at, result=dump(NoiseCeiling(campaign.name, "half", 1, CEILING)),
    )  # fmt: skip
    training = make_training(study)
    figure = Figure.objects.create(
        ranking=ranking,
        name="ranking",
        media_type="image/svg+xml",
        content=b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        sha256="0",
    )
    metric = Metric.objects.create(study=study, name="TER", origin=Metric.Origin.UPLOADED)
    remark = Annotation.objects.create(
        item=items[2], participant=make_participant(study), facts_insufficient=True, gives_labels=False,
        submitted_at=study.created_at,
    )  # fmt: skip
    token, _secret = create_api_token(people["owner"], name="notebook", scopes=["read"], days=1)
    of_study = {"study_uuid": study.uuid}
    kept: dict[str, Any] = {"study": study, "seed": 1, "code_version": "hlv", "as_of": study.created_at}
    kept |= {"data_fingerprint": "0", "undetermined": "There are no answers."}
    report = RoundReport.objects.create(
        agreement=LabelAgreement.objects.create(**kept, result=NO_AGREEMENT),
        result=dump(RoundResult()),
        texts=dump(RoundTexts()),
        **kept,
    )
    drawing = RoundFigure.objects.create(
        report=report, name="entropy", media_type="image/svg+xml", content=b"<svg/>", sha256="0"
    )
    of_campaign = {"campaign_uuid": campaign.uuid}
    addresses: dict[str, dict[str, Any]] = {
        "home": {}, "language": {}, "studies": {}, "search": {}, "sign-in": {}, "sign-out": {}, "account": {}, "confirm": {}, "end-sessions": {}, "close-account": {}, "api-tokens": {}, "api-token-revoke": {"token_uuid": token.uuid}, "account-details": {}, "second-factor": {}, "sign-in-code": {}, "oidc": {}, "oidc-callback": {},
        "sign-in-link": {"token": make_sign_in_link(people["annotator"]).split("/")[2]},
        **dict.fromkeys(("study", "guideline", "annotate", "my-answers", "judge", "results", "compute", "power-analysis", "campaigns", "campaign-new", "methods", "training-new"), of_study),
        **dict.fromkeys(
            ("judge-next", "campaign-results", "campaign-runs", "preregistration", "campaign-report", *OF_CAMPAIGN), of_campaign
        ),
        "campaign-table": {**of_campaign, "table": "ranking"},
        "ranking": {"ranking_uuid": ranking.uuid}, "analyse": of_study,
        "training": {"training_uuid": training.uuid}, "training-file": {"training_uuid": training.uuid, "name": "methods.csv"},
        "analysis": {"analysis_uuid": analysis.uuid},
        "analysis-file": {"analysis_uuid": analysis.uuid, "name": "noise-ceiling.csv"},
        "over-campaigns": of_study, "over-campaigns-file": {**of_study, "ending": "csv"},
        "campaign-data": {**of_campaign, "table": "metric-ranks"},
        **{key: {"assignment_uuid": seat.uuid} for key in ("annotate-item", "next-items", "api-answer", "api-draft")},
        **{
            key: {"exposure_uuid": exposure.uuid}
            for key in ("exposure", "next-pair", "exposure-labels", "api-judgment", "api-labels")
        },
        **{key: {"job_uuid": job.uuid} for key in ("job", "job-progress", "job-cancel", "job-retry", "api-job")},
        "look": {}, "new-study": {}, "join": {"token": link.split("/")[2]},
        **dict.fromkeys(
            ("guideline-difference", "guideline-edit", "clone", "settings", "security-log", "retention", "study-state", "labels", "people",
             "invitations", "assignment", "study-tokens"), of_study
        ),
        **{
            key: {"participant_uuid": held["annotating colleague", "annotator"].uuid}
            for key in ("participant", "participant-link")
        },
        "study-token-end": {**of_study, "token_uuid": token.uuid},
        "invitation-withdraw": {"invitation_uuid": invitation.uuid},
        "invitation-renew": {"invitation_uuid": withdrawn.uuid},
        **dict.fromkeys(("progress", "watched-texts", "remarks", "report-recompute"), of_study),
        "watched-item": {"item_uuid": items[2].uuid}, "item": {"item_uuid": items[2].uuid},
        "texts": of_study, "texts-recompute": of_study, "settle-remark": {"annotation_uuid": remark.uuid},
        "round-figure": {"figure_uuid": drawing.uuid},
        "figure": {"figure_uuid": figure.uuid}, "power-analysis-result": {"job_uuid": simulated.uuid},
        "report-file": {**of_campaign, "name": "references.bib"}, "bundle": of_study,
        "bundle-file": {"job_uuid": bundle.uuid}, "import-file": of_study, "upload": {"upload_uuid": upload.uuid},
        "import-errors": {"job_uuid": refused.uuid},
        "metric-direction": {"metric_uuid": metric.uuid},
        **{key: {"import_uuid": batch.uuid} for key in ("import-withdraw", "import-reinstate")},
        "v1": {}, "v1-studies": {}, "v1-openapi": {},
        **dict.fromkeys(
            ("v1-study", "v1-items", "v1-annotations", "v1-distributions", "v1-methods", "v1-outputs", "v1-campaigns",
             "v1-results", "v1-jobs", "v1-imports", "v1-guidelines", "v1-participants", "v1-invitations", "v1-next-text", "v1-scores", "v1-bundles"), of_study
        ),
        **dict.fromkeys(("v1-campaign", "v1-next-pair"), of_campaign),
        "v1-answers": {"assignment_uuid": seat.uuid}, "v1-verdicts": {"exposure_uuid": exposure.uuid},
        "v1-bundle-file": {"job_uuid": bundle.uuid},
        "v1-judgments": of_campaign, "v1-job": {"job_uuid": job.uuid},
        "v1-result": {**of_study, "kind": "rankings", "result_uuid": ranking.uuid},
    }  # fmt: skip
    return World(
        study=study, people=people, addresses=addresses, campaign=str(campaign.uuid),
        clients={person.pk: signed_in_as(person) for person in people.values()},
    )  # fmt: skip


def new_invitation(world: World) -> str:
    """The token of a link to a role that nobody in the world has."""
    study = make_study()
    _invitation, link = invite(study, terms=Terms(role="judge"), by=world.people["owner"])
    return link.split("/")[2]


def bearer(person: User | None, *, scopes: Sequence[str] = SCOPES) -> dict[str, str]:
    """Headers of a program of this person, with a token for everything unless said otherwise."""
    if person is None:
        return {}
    _token, secret = create_api_token(person, name="test", scopes=scopes, days=1)
    return {"authorization": f"Bearer {secret}"}


def signed_in_as(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client
