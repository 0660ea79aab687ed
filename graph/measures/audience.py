"""Whom it pays to meet, for all who hold a role at once: what one held meeting would add to its coverage (method.md 5.3). Pure, vectorised."""

import numpy as np

from graph.measures.coverage import DEFAULTS as COVERING
from graph.measures.coverage import Coverage, Floats, Holders, Wants
from graph.measures.coverage import Parameters as Covering
from graph.measures.strength import CHANNEL_OF, DEFAULTS, Parameters


def met_once(closeness: Floats, parameters: Parameters = DEFAULTS) -> Floats:
    """Closeness after one held meeting of two, now: it adds the same both ways, so that what they differ by stays."""
    weight = parameters.ways[CHANNEL_OF["meeting"]].weight
    made: Floats = 1 - (1 - closeness) * np.exp(-weight / parameters.kappa)
    return made


def gains(holders: Holders, wants: Wants, found: Coverage, parameters: Covering = COVERING) -> Floats:
    """By how much one held meeting now with each holder would lift the role that it holds; 0 for who opted out. O(holders)."""
    group, role, sure = holders.group, holders.role, holders.sure
    now = np.where(holders.opted_out, 0.0, holders.closeness)
    then = met_once(now)
    held = sure >= parameters.mapped
    total = np.zeros(wants.weight.shape)
    np.add.at(total, (group, role), np.where(held, sure, 0.0))
    panel = np.divide(sure * (then - now), total[group, role], out=np.zeros(len(sure)), where=held & (total[group, role] > 0))
    missed = 1 - sure * now
    left = np.divide(1 - sure * then, missed, out=np.ones(len(sure)), where=missed > 0)
    value = np.nan_to_num(found.roles.value[group, role])
    made: Floats = np.where(wants.panel[group, role], panel, (1 - value) * (1 - left))
    return np.where(holders.opted_out, 0.0, made)
