"""The tabs of a study and what a person can do next in it.

Both apps hang their pages in here, so that neither needs to know the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from annotations.models import Participant, Study, User
from annotations.policy import Action, allowed_actions, study_roles
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.participation import open_invitations
from metaeval.selectors.exposures import OwnShare, shares_to_judge_in


@dataclass(frozen=True)
class Tab:
    """A page of a study, shown to those who may do its action."""

    title: str | Promise
    # The name of an address that takes the study's UUID.
    page: str
    action: Action
    # Names of further pages that count as being here.
    within: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ShownTab:
    title: str | Promise
    address: str
    is_here: bool


TABS: tuple[Tab, ...] = (
    Tab(_("Overview"), "study", Action.VIEW, frozenset({"job", "import-file", "upload"})),
    Tab(_("Guideline"), "guideline", Action.VIEW, frozenset({"guideline-edit", "guideline-difference"})),
    Tab(_("Annotate"), "annotate", Action.ANNOTATE, frozenset({"annotate-item"})),
    Tab(_("My answers"), "my-answers", Action.ANNOTATE),
    Tab(_("Progress"), "progress", Action.WATCH, frozenset({"watched-texts", "watched-item", "remarks"})),
    Tab(
        _("Judge"),
        "judge",
        Action.JUDGE,
        frozenset({"judge-next", "exposure", "judge-feedback", "my-judgments"}),
    ),
    Tab(_("Methods"), "methods", Action.SEE_RESULTS, frozenset({"training-new", "training"})),
    Tab(
        _("Campaigns"),
        "campaigns",
        Action.SEE_RESULTS,
        frozenset({"campaign", "campaign-new", "campaign-preview", "campaign-audit", "comparisons"}),
    ),
    Tab(
        _("Results"),
        "results",
        Action.SEE_RESULTS,
        frozenset(
            {"campaign-results", "campaign-data", "campaign-runs", "ranking", "analysis", "preregistration"}
            | {"over-campaigns"}
            | {"campaign-report", "bundle", "texts", "item"}
        ),
    ),
    Tab(_("Power analysis"), "power-analysis", Action.RUN_JOBS, frozenset({"power-analysis-result"})),
    Tab(
        _("People"),
        "people",
        Action.SEE_RESULTS,
        frozenset({"participant", "invitations", "invitation-renew", "assignment", "study-tokens"}),
    ),
    Tab(
        _("Settings"), "settings", Action.MANAGE, frozenset({"labels", "clone", "retention", "security-log"})
    ),
)


def tabs_for(user: User | AnonymousUser, study: Study, *, here: str) -> list[ShownTab]:
    actions = allowed_actions(study_roles(user, study))
    return [
        ShownTab(tab.title, reverse(tab.page, args=[study.uuid]), here == tab.page or here in tab.within)
        for tab in TABS
        if tab.action in actions
    ]


@dataclass(frozen=True)
class NextStep:
    """One thing to do now: the button, and beside it how far it is."""

    title: str
    address: str
    words: str = ""
    done: int | None = None
    of: int | None = None


def annotating_step(participant: Participant) -> NextStep:
    """For a participant that `selectors.participation.with_progress` gave; `n_done` and `n_of` are its."""
    study = participant.study
    done, of = participant.n_done, participant.n_of  # type: ignore[attr-defined]  # annotated by the selector
    annotate = reverse("annotate", args=[study.uuid])
    if study.state == Study.State.PAUSED:
        return NextStep("", "", translated("Annotating is paused. What you saved is kept."), done, of)
    if study.state == Study.State.CLOSED:
        return NextStep("", "", translated("Annotating is closed. Thank you for your answers."), done, of)
    if of == 0:
        return NextStep("", "", translated("Nothing is assigned to you yet."))
    words = translated("%(done)s of %(of)s texts") % {"done": done, "of": of}
    if done >= of:
        mine = reverse("my-answers", args=[study.uuid])
        return NextStep(
            translated("My answers"), mine, translated("All done: %(words)s") % {"words": words}, done, of
        )
    title = translated("Continue annotating") if done else translated("Start annotating")
    return NextStep(title, annotate, words, done, of)


def shares_judged(held: Iterable[Participant]) -> dict[int, list[OwnShare]]:
    """How far a person is in all campaigns of each study in which they judge, of all studies at once."""
    judges = [participant for participant in held if participant.role == Participant.Role.JUDGE]
    return {study: [share for _, share in lines] for study, lines in shares_to_judge_in(judges).items()}


def judging_step(study: Study, shares: list[OwnShare]) -> NextStep:
    """All questions of the study together; each has its own progress on the page where one is chosen."""
    done, of = sum(share.n_done for share in shares), sum(max(share.n_own, share.n_done) for share in shares)
    if study.state == Study.State.PAUSED:
        return NextStep("", "", translated("Judging is paused. What you saved is kept."), done, of)
    if study.state == Study.State.CLOSED:
        return NextStep("", "", translated("Judging is closed. Thank you for your verdicts."), done, of)
    if of == 0:
        return NextStep("", "", translated("There is nothing to judge yet."))
    is_about = any(share.is_about for share in shares)
    progress = (
        translated("%(done)s of about %(of)s pairs") if is_about else translated("%(done)s of %(of)s pairs")
    )
    words = progress % {"done": done, "of": of}
    if all(share.is_over for share in shares):
        words = translated("All done: %(words)s") % {"words": words}
    title = translated("Continue judging") if done else translated("Start judging")
    return NextStep(title, reverse("judge", args=[study.uuid]), words, done, of)


def next_steps(
    study: Study, roles: Iterable[Participant], judging: Mapping[int, list[OwnShare]]
) -> list[NextStep]:
    """What the roles a person holds in a study let him do now, the most pressing first.

    `judging` is what `shares_judged` gave of these roles, or of those in all studies.
    """
    steps: list[NextStep] = []
    held = {participant.role: participant for participant in roles}
    actions = allowed_actions(frozenset(held))
    if Action.ANNOTATE in actions and study.task != Study.Task.NONE:
        steps.append(annotating_step(held[Participant.Role.ANNOTATOR]))
    if Action.JUDGE in actions:
        steps.append(judging_step(study, judging[study.pk]))
    if Action.SEE_RESULTS in actions:
        steps.append(NextStep(translated("See results"), reverse("results", args=[study.uuid])))
    return steps


@dataclass(frozen=True)
class Need:
    """One thing of four: how it stands, and where it is done."""

    title: str
    words: str
    address: str
    is_met: bool


def missing_setup(study: Study) -> list[Need]:
    """All in their order, or none once they are met."""
    needs = [_labels(study), _guideline(study)] if study.task != Study.Task.NONE else []
    needs += [_texts(study), _people(study)]
    return [] if all(need.is_met for need in needs) else needs


def _labels(study: Study) -> Need:
    n = study.labels.filter(is_active=True).count()
    words = ngettext("%(n)s label", "%(n)s labels", n) % {"n": n}
    return Need(translated("Labels"), words, reverse("labels", args=[study.uuid]), n > 0)


def _guideline(study: Study) -> Need:
    newest = study.guidelines.last()
    words = (
        translated("version %(n)s") % {"n": newest.version}
        if newest
        else translated("what people are told, not written yet")
    )
    return Need(
        translated("Guideline"), words, reverse("guideline-edit", args=[study.uuid]), newest is not None
    )


def _texts(study: Study) -> Need:
    n = study.items.filter(not_withdrawn()).count()
    words = ngettext("%(n)s text", "%(n)s texts", n) % {"n": n} if n else translated("none yet")
    return Need(translated("Texts"), words, reverse("import-file", args=[study.uuid]) + "?kind=items", n > 0)


def _people(study: Study) -> Need:
    n = study.participants.filter(role__in=["annotator", "judge"], is_active=True).count()
    n_invited = open_invitations(study).count()
    parts = [ngettext("%(n)s takes part", "%(n)s take part", n) % {"n": n}] if n else []
    parts += [ngettext("%(n)s invited", "%(n)s invited", n_invited) % {"n": n_invited}] if n_invited else []
    words = ", ".join(parts) or translated("nobody invited yet")
    return Need(translated("People"), words, reverse("invitations", args=[study.uuid]), n > 0)
