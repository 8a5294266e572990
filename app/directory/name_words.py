"""Words that stand before or behind a name and are no part of it."""

TITLES = frozenset(
    """
    mr mrs ms miss mx dr prof professor sir dame lord lady baroness cllr councillor
    rev revd reverend canon hon rt
    """.split()  # noqa: SIM905 - read more easily
)
AFTER_NAMES = frozenset(
    """
    obe mbe cbe kbe dbe gbe cb kcb dcb bem qc kc jr snr sr ii iii phd md mba msc ma ba bsc rn
    rgn rm frcp frcpch mrcp frcgp mrcgp frcpsych frcs frcn qn fca cpfa dl jp mp frsa ffph
    """.split()  # noqa: SIM905 - read more easily
)
