"""On an empty database: one lawyer, a study of so many texts, and the link that signs in."""

from __future__ import annotations

from django.core.management import call_command
from django.urls import reverse

from annotations.models import Item, ItemText
from annotations.services.people import create_person, make_sign_in_link
from annotations.services.studies import NewLabel, add_participant, create_study
from benchmarks.assignment.filling import TEXT


def main(*, n_texts: int) -> dict[str, str]:
    call_command("migrate", verbosity=0)
    labels = [NewLabel(f"area {number}") for number in range(12)]
    study = create_study(slug="texts", task="multilabel", labels=labels, answers_wanted=1)
    items = Item.objects.bulk_create(
        Item(study=study, key=f"item-{place}", position=place) for place in range(n_texts)
    )
    ItemText.objects.bulk_create(
        ItemText(item=item, position=0, name="text", text=f"Request {item.position}. {TEXT}")
        for item in items
    )
    lawyer = create_person(email="lawyer@example.org", name="A lawyer")
    add_participant(study, user=lawyer, role="annotator")
    return {"sign_in": make_sign_in_link(lawyer), "annotate": reverse("annotate", args=[study.uuid])}
