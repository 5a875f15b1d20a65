"""The minimal policy: accept from a percentage on. It says yes with its reasons, or leaves it to a person; never no."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """What one creditor is offered, in cents over the whole term."""

    outstanding: int
    share: int
    waived: int

    @property
    def basis_points(self) -> int:
        """The offered part of the claim in hundredths of a percent, rounded down: never better than it is."""
        return self.share * 10_000 // self.outstanding if self.outstanding else 10_000


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """`accepts` False means: a person decides. `why` names every condition and whether it held."""

    accepts: bool
    why: str


def judge(offer: Offer, *, minimum_basis_points: int, maximum_waived: int | None) -> PolicyVerdict:
    """Does the policy say yes to this offer? `maximum_waived` in cents, None for no limit."""
    enough = offer.basis_points >= minimum_basis_points
    conditions = [
        f"aangeboden {_percent(offer.basis_points)}, beleid vraagt ten minste {_percent(minimum_basis_points)}: "
        + ("ja" if enough else "nee")
    ]
    small = maximum_waived is None or offer.waived <= maximum_waived
    if maximum_waived is not None:
        conditions.append(
            f"kwijt te schelden {_euro(offer.waived)}, beleid staat toe ten hoogste {_euro(maximum_waived)}: "
            + ("ja" if small else "nee")
        )
    return PolicyVerdict(enough and small, "; ".join(conditions))


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100},{basis_points % 100:02d} %"


def _euro(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d} euro"
