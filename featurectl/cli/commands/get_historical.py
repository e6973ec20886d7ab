"""``featurectl get-historical``: its options, and which step each of them belongs to."""

import time
from typing import Any

import typer

from featurectl.cli.compare_options import AsServed, Compare, check_compare, show_comparison
from featurectl.cli.options import Features, FullNames, Service, split
from featurectl.cli.split_options import Parts, Prove, Seed, SplitBy, check_split, write_split
from featurectl.cli.training_options import (
    At,
    End,
    Entities,
    EventTimestamp,
    ExplainPlan,
    Format,
    FromFiles,
    Hashes,
    KnownAt,
    LockFile,
    Out,
    ReportFile,
    Sample,
    Sql,
    Start,
    check_files,
    check_manifest,
    check_plan,
    check_rows,
    check_streams,
)
from featurectl.cli.training_output import (
    keep_sources,
    show_plan,
    show_rows,
    tell,
    tell_more_rows,
    tell_pinned,
    write_report,
    write_rows,
)

_SERVICE = "featurectl get-historical --service rank_v1"
EXAMPLES = (
    (f"{_SERVICE} --entities labels.csv --out train.csv", ""),
    (f"{_SERVICE} --entities labels.csv", "a look at the first rows"),
    (f"cat labels.csv | {_SERVICE} --entities - --out -", "in a pipe"),
    (f"{_SERVICE} --entities labels.csv --sample 1000", "some of the rows, to try it"),
    (f"{_SERVICE} --sql 'SELECT … FROM trips ORDER BY …' --out train.parquet", ""),
    ("featurectl get-historical --features driver:trips --at 2024-01-01", "every entity, then"),
    (f"{_SERVICE} --entities labels.csv --as-served", "what a model would have got online"),
    (f"{_SERVICE} --entities labels.csv --compare as-served", "how far the two are apart"),
    (f"{_SERVICE} --entities labels.csv --explain-plan", "how, and by what SQL"),
    (f"{_SERVICE} --entities labels.csv --out train.csv --prove", "nothing of the future"),
    (f"{_SERVICE} --entities labels.csv --out data.csv --split train=0.8,test", "two files"),
)


def run(  # noqa: PLR0917 - an option each
    ctx: typer.Context,
    entities: Entities = None,
    sql: Sql = None,
    sample: Sample = None,
    service: Service = None,
    features: Features = None,
    out: Out = None,
    format_: Format = None,
    report: ReportFile = None,
    start: Start = None,
    end: End = None,
    at: At = None,
    event_timestamp: EventTimestamp = "event_timestamp",
    lock: LockFile = None,
    hashes: Hashes = "cheap",
    parts: Parts = None,
    split_by: SplitBy = None,
    seed: Seed = None,
    compare: Compare = None,
    *,
    as_served: AsServed = False,
    prove: Prove = False,
    known_at: KnownAt = False,
    full_names: FullNames = False,
    from_files: FromFiles = False,
    explain_plan: ExplainPlan = False,
) -> None:
    """A training set: each row with the values that were true at its time.

    Every row comes out once, in order, with all its columns. Without --out the first rows are
    shown. A value is null when its entity has no row yet, or the newest is older than the ttl;
    stderr says how often. With --as-served values are those that the online store would have
    returned then, by the recorded runs of materialize.
    """
    started, wrote, console = time.perf_counter(), [], ctx.obj.console
    rest = {"--split": parts, "--prove": prove, "--explain-plan": explain_plan}
    check_compare(compare, format_, {"--out": out, **rest, "--as-served": as_served})
    out = out or ("-" if format_ and not compare else None)
    check_rows(entities, sql, start=start, end=end, at=at)
    check_streams(console, out, format_, report)
    rows_of = entities or ("the SQL" if sql else "the views' own rows")
    files = check_split(parts, split_by, seed, out, lock)
    check_manifest(out, lock, hashes)
    check_files(entities, files or ([out] if out else []), lock=lock, report=report)
    if explain_plan:
        check_plan(out, report)
    with ctx.obj.store() if from_files else ctx.obj.data_store() as store:
        definitions = _definitions(store, from_files=from_files)
        for file in files or ([out] if out and out != "-" else []):
            keep_sources(file, store.config.data_root, definitions.documents("source"))
        found = store.get_historical_features(
            entities,
            features=_references(features, definitions),
            service=service,
            full_names=full_names,
            known_at=known_at,
            as_served=as_served,
            start=start,
            end=end,
            at=at,
            sql=sql,
            sample=sample,
            event_timestamp=event_timestamp,
            from_files=from_files,
            prove=prove,
        )
        if compare:
            show_comparison(console, found, rows_of, format_, report)
            return
        if explain_plan:
            show_plan(console, found)
            return
        if parts:
            found = found.split(parts, by=split_by, seed=seed)
            full = hashes == "full"
            wrote = write_split(console, found, str(out), started, kind=format_, full_hash=full)
        elif out:
            how = {"kind": format_, "lock": lock, "full_hash": hashes == "full"}
            wrote = write_rows(console, found, out, started, **how)
        else:
            shown = show_rows(console, found, shows=report != "-")
    ttls = {name: document["ttl"] for name, document in definitions.documents("view").items()}
    tell(console, found, rows_of, ttls, wrote)
    if out:
        tell_pinned(ctx.obj, found.training if parts else found, files or [out], lock)
    if not out and report != "-":
        tell_more_rows(console, found, shown)
    if report:
        write_report(console, found, report)


def _references(features: list[str] | None, definitions: Any) -> list[str] | None:
    """``view:feature`` for all that the selectors mean, or None without any."""
    if not features:
        return None
    from featurectl.definitions.selector import select_features  # noqa: PLC0415 - not for --help

    return select_features(split(features), definitions)


def _definitions(store: Any, *, from_files: bool) -> Any:
    """What is applied or, with ``from_files``, what the files would apply."""
    snapshot = store.snapshot()
    if not from_files:
        return snapshot
    from dataclasses import replace  # noqa: PLC0415 - rarely asked for

    from featurectl.definitions.snapshot import Applied  # noqa: PLC0415 - same

    objects = {
        (item.kind, item.name): Applied(item.kind, item.name, item.document(), "", 0)
        for item in store.repository.objects()
    }
    return replace(snapshot, objects=objects)
