"""Made-up transactions of two hundred users over half a year, and a nightly job's figures of them."""

from __future__ import annotations

import csv
import random
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

USERS = range(1001, 1201)
HISTORY, SPEND_DAYS, RISK_WEEKS, LABEL_DAYS = 180, 90, 12, 60
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
SPEND_DELAY, RISK_DELAY = timedelta(hours=2), timedelta(hours=6)
REPORT_DELAY = timedelta(days=3)  # from a fraud to the report of it
COUNTRIES = ("DE", "FR", "GB", "NL", "NO", "PL", "US")
CATEGORIES = {  # how usual, how risky
    "groceries": (30, 0.002),
    "restaurants": (20, 0.004),
    "fuel": (12, 0.006),
    "clothing": (12, 0.010),
    "travel": (6, 0.020),
    "electronics": (8, 0.035),
    "games": (7, 0.045),
    "gift_cards": (3, 0.090),
}

TIME = pa.timestamp("us", tz="UTC")
TRANSACTIONS = pa.schema(
    {
        "user_id": pa.int64(),
        "category": pa.string(),
        "event_timestamp": TIME,
        "amount": pa.float64(),
        "is_fraud": pa.bool_(),
    }
)
SPEND = pa.schema(
    {
        "user_id": pa.int64(),
        "as_of": TIME,
        "computed_at": TIME,
        "spend_7d": pa.float64(),
        "spend_30d": pa.float64(),
        "transactions_7d": pa.int64(),
        "transactions_30d": pa.int64(),
    }
)
RISK = pa.schema(
    {
        "category": pa.string(),
        "as_of": TIME,
        "computed_at": TIME,
        "fraud_rate_90d": pa.float64(),
        "transactions_90d": pa.int64(),
    }
)
PROFILES = pa.schema(
    {"user_id": pa.int64(), "home_country": pa.string(), "account_opened": pa.date32()}
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Transaction:
    """One transaction; the amount is in cents, so that sums are exact."""

    at: datetime
    user: int
    category: str
    cents: int
    fraud: bool


class Windows:
    """Transactions of one user or category, by time: what a window ``(end - length, end]`` holds."""

    def __init__(self, transactions: Sequence[Transaction]) -> None:
        self.times = [transaction.at for transaction in transactions]
        self.transactions = transactions
        self.sums = [0, *accumulate(transaction.cents for transaction in transactions)]

    def bounds(self, end: datetime, days: int) -> tuple[int, int]:
        """First and last-but-one index of the transactions in the window."""
        return bisect_right(self.times, end - days * DAY), bisect_right(self.times, end)

    def count(self, end: datetime, days: int) -> int:
        """Number of transactions."""
        first, stop = self.bounds(end, days)
        return stop - first

    def spend(self, end: datetime, days: int) -> float:
        """Sum of the amounts."""
        first, stop = self.bounds(end, days)
        return (self.sums[stop] - self.sums[first]) / 100

    def frauds(self, end: datetime, days: int) -> int:
        """Number of frauds that were reported by the end of the window."""
        first, stop = self.bounds(end, days)
        known = (p for p in self.transactions[first:stop] if p.at + REPORT_DELAY <= end)
        return sum(transaction.fraud for transaction in known)


def write(folder: Path, now: datetime, seed: int = 7) -> list[str]:
    """Write the data as the jobs would have left them at ``now``; the newest are a day old."""
    now = now.replace(microsecond=0)
    transactions = sorted(
        (p for user in USERS for p in user_transactions(random.Random(f"{seed} {user}"), user, now)),
        key=lambda p: (p.at, p.user, p.category, p.cents),
    )
    labelled = [label(p) for p in transactions if p.at > now - LABEL_DAYS * DAY]
    (folder / "data").mkdir(parents=True, exist_ok=True)
    lines = [
        save(folder, "data/users.parquet", PROFILES, profiles(seed, now), "users"),
        save(folder, "data/transactions.parquet", TRANSACTIONS, labelled, "labelled transactions"),
        save(folder, "data/user_spend.parquet", SPEND, spend(transactions, now), "daily sums"),
        save(folder, "data/merchant_risk.parquet", RISK, risk(transactions, now), "weekly rates"),
    ]
    write_entities(folder / "entities.csv", labelled[-5:])
    return [*lines, "entities.csv  5 rows to join"]


def user_transactions(rng: random.Random, user: int, now: datetime) -> list[Transaction]:
    """A user's transactions, spread evenly over the history; large ones are fraud more often."""
    usual, span = 800 + int(rng.random() * 6000), HISTORY * DAY
    found = []
    for _ in range(int(HISTORY * (0.2 + 0.8 * rng.random()))):
        at = (now - span * rng.random()).replace(microsecond=0)
        category = rng.choices(list(CATEGORIES), [w for w, _ in CATEGORIES.values()])[0]
        factor = rng.lognormvariate(0, 0.8)
        chance = CATEGORIES[category][1] * (4 if factor > 3 else 1)
        found.append(Transaction(at, user, category, int(usual * factor) + 1, rng.random() < chance))
    return found


def profiles(seed: int, now: datetime) -> list[Row]:
    """One row per user."""
    rng = random.Random(f"{seed} profiles")
    return [
        {
            "user_id": user,
            "home_country": rng.choice(COUNTRIES),
            "account_opened": opened(now.date(), rng),
        }
        for user in USERS
    ]


def opened(today: date, rng: random.Random) -> date:
    """A day in the five years before the history begins."""
    return today - timedelta(days=HISTORY + int(rng.random() * 5 * 365))


def label(transaction: Transaction) -> Row:
    """A transaction as a row of the entity frame."""
    return {
        "user_id": transaction.user,
        "category": transaction.category,
        "event_timestamp": transaction.at,
        "amount": transaction.cents / 100,
        "is_fraud": transaction.fraud,
    }


def spend(transactions: Sequence[Transaction], now: datetime) -> list[Row]:
    """A row per user and midnight, where the user spent anything in the 30 days before."""
    users = by(transactions, "user")
    return [
        {
            "user_id": user,
            "as_of": end,
            "computed_at": end + SPEND_DELAY,
            "spend_7d": windows.spend(end, 7),
            "spend_30d": windows.spend(end, 30),
            "transactions_7d": windows.count(end, 7),
            "transactions_30d": windows.count(end, 30),
        }
        for end in ends(now, SPEND_DELAY, DAY, SPEND_DAYS)
        for user, windows in users.items()
        if windows.count(end, 30)
    ]


def risk(transactions: Sequence[Transaction], now: datetime) -> list[Row]:
    """A row per category and week."""
    return [
        {
            "category": category,
            "as_of": end,
            "computed_at": end + RISK_DELAY,
            "fraud_rate_90d": windows.frauds(end, 90) / windows.count(end, 90),
            "transactions_90d": windows.count(end, 90),
        }
        for end in ends(now, RISK_DELAY, WEEK, RISK_WEEKS)
        for category, windows in by(transactions, "category").items()
        if windows.count(end, 90)
    ]


def ends(now: datetime, delay: timedelta, every: timedelta, count: int) -> list[datetime]:
    """The midnights at which windows end, oldest first, as far as they are computed at ``now``."""
    last = (now - delay).replace(hour=0, minute=0, second=0)
    return [last - every * back for back in reversed(range(count))]


def by(transactions: Sequence[Transaction], field: str) -> dict[Any, Windows]:
    """The transactions of each user or category."""
    found = defaultdict(list)
    for transaction in transactions:
        found[getattr(transaction, field)].append(transaction)
    return {key: Windows(found[key]) for key in sorted(found)}


def save(folder: Path, path: str, schema: pa.Schema, rows: list[Row], what: str) -> str:
    """Write Parquet, and give its line."""
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / path, compression="zstd")
    return f"{path}  {len(rows):,} {what}"


def write_entities(path: Path, rows: Sequence[Row]) -> None:
    """Write a few labelled transactions as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(TRANSACTIONS.names)
        for row in rows:
            at = row["event_timestamp"].isoformat().replace("+00:00", "Z")
            flag = str(row["is_fraud"]).lower()
            out.writerow([row["user_id"], row["category"], at, row["amount"], flag])
