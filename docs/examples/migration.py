"""Fees of a day's orders: three functions of our own, run here and in worker processes."""

import multiprocessing
import pickle

import pyarrow as pa
import pyarrow.compute as pc

from planwire import Accumulator, Expr, SessionContext, col, ipc, lit, udaf, udf, udwf
from planwire import functions as f
from planwire.expr import Window
from planwire.user_defined import WindowEvaluator

RATES = {"N": 0.0, "R": 0.5}
ORDERS = {"flag": ["R", "N", "R", "N"], "price": [10.0, 20.0, 30.0, 40.0]}


def fees(flags, prices):
    return pc.multiply(prices, pa.array([RATES[flag] for flag in flags.to_pylist()]))


class Spread(Accumulator):
    def __init__(self):
        self.values = []

    def update(self, values):
        self.values += values.to_pylist()

    def merge(self, states):
        self.values += [value for state in states[0].to_pylist() for value in state]

    def state(self):
        return [pa.scalar(self.values, pa.list_(pa.float64()))]

    def evaluate(self):
        return pa.scalar(max(self.values) - min(self.values))


class Share(WindowEvaluator):
    def evaluate_all(self, values, num_rows):
        return pc.divide(values[0], pc.sum(values[0]))


fee = udf(fees, [pa.string(), pa.float64()], pa.float64(), "immutable", "fee")
spread = udaf(Spread, pa.float64(), pa.float64(), [pa.list_(pa.float64())], "immutable", "spread")
share = udwf(Share, pa.float64(), pa.float64(), "immutable", "share")


def work(task):
    expr, prices = task
    batch = SessionContext().from_pydict({"flag": ["R"] * len(prices), "price": prices})
    return batch.select(expr).to_pydict()


def main():
    ctx = SessionContext()
    ctx.register_udf(fee)
    orders = ctx.from_pydict(ORDERS, name="orders")
    print(ctx.sql("SELECT sum(fee(flag, price)) AS fees FROM orders").to_pydict())
    print(
        orders.aggregate([col("flag")], [spread(col("price")).alias("s")]).sort("flag").to_pydict()
    )
    by_flag = share(col("price")).over(Window(partition_by=[col("flag")])).alias("share")
    print(orders.select(col("price"), by_flag).sort(col("price")).to_pydict())
    print(
        orders.filter(col("price") > lit(15.0))
        .select(f.round(f.sqrt(col("price")), lit(2)).alias("r"))
        .to_pydict()
    )

    expr = fee(col("flag"), col("price")).alias("fee")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(work, [(expr, [1.0, 2.0]), (expr, [3.0])]))
    print(Expr.from_bytes(expr.to_bytes(ctx), ctx).schema_name())

    ipc.set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    try:
        pickle.loads(pickle.dumps(expr))
    except RuntimeError as refused:
        print("refused:", "fee" in str(refused))


if __name__ == "__main__":
    main()
