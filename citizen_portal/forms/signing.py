"""What somebody says before signing."""

from django import forms

from infra.forms import PageForm


class SigningForm(PageForm):
    """Read, and seen beside the other routes (features.md C22). Without it nobody signs."""

    read = forms.BooleanField(
        label="Ik heb dit gelezen",
        error_messages={"required": "Zet een vinkje bij: Ik heb dit gelezen. Daarna kunt u tekenen."},
    )
