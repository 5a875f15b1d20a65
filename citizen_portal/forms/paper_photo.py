"""A photo or PDF of a paper: the same field wherever a paper is shown to us."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from arrangements.domain.paper_file import MAX_BYTES, media_type

MEGABYTES = MAX_BYTES // 1024 // 1024


class PaperPhotoField(forms.FileField):
    """May stay empty. Refuses what is too large, and what its first bytes do not tell to be a picture or a PDF."""

    def __init__(self, *, label: str) -> None:
        super().__init__(
            label=label,
            help_text=f"Het hele papier moet op de foto staan. Een pdf mag ook. Hoogstens {MEGABYTES}\u00a0MB.",
            required=False,
            widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
            error_messages={
                "empty": "Dit bestand is leeg. Kies een ander bestand.",
                "invalid": "Dit bestand kwam niet aan. Kies de foto nog een keer.",
            },
        )

    def clean(self, data: Any, initial: Any = None) -> "UploadedFile[Any] | None":
        photo: UploadedFile[Any] | None = super().clean(data, initial)
        if not photo:
            return None
        if photo.size is None or photo.size > MAX_BYTES:
            raise ValidationError(
                f"Dit bestand is te groot. Het mag hoogstens {MEGABYTES} MB zijn. Maak een nieuwe foto.", code="too_big"
            )
        if media_type(photo.read(16)) is None:
            raise ValidationError("Dit is geen foto of pdf. Kies een ander bestand.", code="kind")
        photo.seek(0)
        return photo
