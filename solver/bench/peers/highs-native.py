"""HiGHS native on a MILP that the benchmark wrote: one JSON line for each better plan or bound, then a last one.

    python highs-native.py MODEL.json SECONDS THREADS

Development only: needs highspy and numpy, which peers/python.ts installs into a cache.
"""

import json
import sys
import time

import highspy
import numpy as np

INF = highspy.kHighsInf


def numbers(values, missing):
    return np.array([missing if v is None else v for v in values], dtype=np.float64)


def linear_program(m):
    """JSON has no infinity: a missing bound is none."""
    lp = highspy.HighsLp()
    lp.num_col_ = len(m["cost"])
    lp.num_row_ = len(m["rowLower"])
    lp.col_cost_ = numbers(m["cost"], 0.0)
    lp.col_lower_ = numbers(m["colLower"], -INF)
    lp.col_upper_ = numbers(m["colUpper"], INF)
    lp.row_lower_ = numbers(m["rowLower"], -INF)
    lp.row_upper_ = numbers(m["rowUpper"], INF)
    lp.offset_ = m["offset"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array([*m["starts"], len(m["indices"])], dtype=np.int32)
    lp.a_matrix_.index_ = np.array(m["indices"], dtype=np.int32)
    lp.a_matrix_.value_ = numbers(m["values"], 0.0)
    kinds = {True: highspy.HighsVarType.kInteger, False: highspy.HighsVarType.kContinuous}
    lp.integrality_ = [kinds[i] for i in m["integer"]]
    return lp


def known(value):
    return value if abs(value) < 1e300 else None


def main(path, seconds, threads):
    with open(path) as file:
        lp = linear_program(json.load(file))
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", int(threads))
    highs.setOptionValue("parallel", "on" if int(threads) > 1 else "off")
    highs.setOptionValue("time_limit", float(seconds))
    highs.setOptionValue("mip_rel_gap", 1e-6)
    highs.passModel(lp)
    shown = (None, None)
    start = time.monotonic()

    def say(plan, bound, **more):
        ms = 1000 * (time.monotonic() - start)
        print(json.dumps({"ms": ms, "plan": plan, "bound": bound, **more}), flush=True)

    def on_event(event):
        nonlocal shown
        now = (known(event.data_out.mip_primal_bound), known(event.data_out.mip_dual_bound))
        if now != shown:
            shown = now
            say(*now)

    highs.cbMipLogging.subscribe(on_event)
    highs.cbMipImprovingSolution.subscribe(on_event)
    highs.cbMipInterrupt.subscribe(on_event)
    highs.run()
    info = highs.getInfo()
    feasible = info.primal_solution_status == 2
    plan = info.objective_function_value if feasible else None
    status = highs.modelStatusToString(highs.getModelStatus())
    say(plan, known(info.mip_dual_bound), status=status, version=highs.version())


main(*sys.argv[1:4])
