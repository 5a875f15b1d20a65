from arrangements.models import Arrangement, Storno


def repay_stornos(arrangement: Arrangement, amount: int, *, only: Storno | None = None) -> int:
    """Let at most `amount` cents repay what the citizen owes us by storno: `only` this one, or all, the oldest first.

    Returns how many cents were used; the caller posts them (2000 to 1300, `postings.storno_repaid`) and keeps them with the
    receipt. `arrangement` is locked by the caller. Worker only.
    """
    rows = Storno.objects.select_for_update(of=("self",)).filter(arrangement=arrangement, open_cents__gt=0)
    if only is not None:
        rows = rows.filter(pk=only.pk)
    used = 0
    for row in rows.order_by("pk") if amount else ():
        part = min(amount - used, row.open_cents)
        if not part:
            break
        used += part
        row.open_cents -= part
        row.save(update_fields=["open_cents"])
    if only is not None:
        only.refresh_from_db(fields=["open_cents"])
    return used
