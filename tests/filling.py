"""How a market of texts comes into the store."""

from loaders.run import load


async def emptied(store):
    """The store on an empty graph."""
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    return store


async def filled(store, folder, files, **said):
    """The store with these files loaded too; ``files`` maps a kind to its CSV text. None of their rows may be refused."""
    for kind, text in files.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    report = await load(store, [folder], reports_in=folder / "reports", **said)
    assert report.total("rejected") == 0, report
    return store
