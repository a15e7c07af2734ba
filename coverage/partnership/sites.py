"""Which sites to open and whom each serves: facility location with capacities.

The model of shared sites: opening one costs a fixed amount, serving a village from it costs what
their distance costs, and a site carries only so much. ``x <= y`` per pair makes the linear bound
strong (Cornuejols, Sridharan and Thizy, 1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coverage.errors import InputError
from coverage.language import _
from coverage.partnership.linear import minimise

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SitePlan:
    """Open sites, the share of every customer that each serves (sites, customers), cost and gap."""

    opened: NDArray[np.bool_]
    share: Floats
    cost: float
    gap: float


def choose_sites(
    fixed_cost: ArrayLike, capacity: ArrayLike, demand: ArrayLike, cost: ArrayLike, *, single_source: bool = False
) -> SitePlan:
    """Serve all demand at least cost.

    Parameters
    ----------
    fixed_cost, capacity : array, shape (sites,)
        Of opening a site; what it carries.
    demand : array, shape (customers,)
        In the unit of the capacity.
    cost : array, shape (sites, customers)
        Of serving all of a customer's demand from a site.
    single_source : bool
        Whether each customer is served by one site only, as a village by one provider.

    Raises
    ------
    InputError
        Where the shapes do not fit or a number is negative.
    PlanningError
        Where the sites cannot carry the demand.
    """
    fixed, able, need, serve = (np.asarray(a, dtype=float) for a in (fixed_cost, capacity, demand, cost))
    sites, customers = len(fixed), len(need)
    if able.shape != (sites,) or serve.shape != (sites, customers):
        raise InputError(_("Sites, customers and costs do not fit together"))
    if min(a.min(initial=0.0) for a in (fixed, able, need, serve)) < 0:
        raise InputError(_("A cost cannot be negative"))
    pairs = sites * customers
    site, customer = np.divmod(np.arange(pairs), customers)
    served = np.zeros((customers, pairs + sites))
    served[customer, np.arange(pairs)] = 1.0
    carried = np.zeros((sites, pairs + sites))
    carried[site, np.arange(pairs)] = need[customer]
    carried[np.arange(sites), pairs + np.arange(sites)] = -able
    only_open = np.zeros((pairs, pairs + sites))
    only_open[np.arange(pairs), np.arange(pairs)] = 1.0
    only_open[np.arange(pairs), pairs + site] = -1.0
    found = minimise(
        np.concatenate([serve.ravel(), fixed]),
        np.vstack([served, carried, only_open]),
        np.concatenate([np.ones(customers), np.full(sites + pairs, -np.inf)]),
        np.concatenate([np.ones(customers), np.zeros(sites + pairs)]),
        upper=1.0,
        integer=np.concatenate([np.full(pairs, single_source), np.ones(sites, dtype=bool)]),
    )
    share = found.x[:pairs].reshape(sites, customers)
    return SitePlan(found.x[pairs:] > 0.5, share, found.objective, found.gap)
