"""The JSON Schemas of rules/schema and the readers agree.

  agreement_test.py feierabend-policy

- Both schemas are valid (draft 2020-12), and every property is described in English and German.
- All shipped packs and cases name their schema and pass it.
- For every table of both grammars: the reader is given a key that nobody has, and the keys that its error lists are those
  of the schema. So a key that is added to one side only fails here.
- For every key: a value of each wrong type or shape is refused by both or by neither.
- rules/schema/refused/*.toml are refused by both.

What a schema cannot say is left out: TOML's local times are strings in JSON, so a quoted time passes; sums of durations,
ids, layers, and what two keys mean together are the reader's (see "description" of pack.schema.json).
"""
import datetime
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import jsonschema

TOOL = sys.argv[1]
SCHEMAS = pathlib.Path("rules/schema")
FAMILIES = {"pack": json.loads((SCHEMAS / "pack.schema.json").read_text()),
            "cases": json.loads((SCHEMAS / "cases.schema.json").read_text())}
# What the reader says about the shape of one file; everything else needs more than the file's shape.
SHAPE = {"pack.unknown-key", "pack.missing-key", "pack.type", "pack.value", "marker.size"}
UNKNOWN = "zzzz"
failures = []


def fail(what):
    failures.append(what)
    print("FAILED", what)


class Raw(str):
    """TOML that is no string: a local time, an instant, a float."""


# ---------------------------------------------------------------- TOML out, JSON in

def toml(value):
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def document(root):
    return "".join(f"{json.dumps(k)} = {toml(v)}\n" for k, v in root.items())


def as_json(value):
    if isinstance(value, dict):
        return {k: as_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_json(v) for v in value]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    return value


def passes(family, text):
    return jsonschema.Draft202012Validator(FAMILIES[family]).is_valid(as_json(tomllib.loads(text)))


# ---------------------------------------------------------------- instances from a schema

def resolved(family, schema):
    while "$ref" in schema:
        schema = FAMILIES[family]["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def sample(family, schema):
    ref = schema.get("$ref", "")
    schema = resolved(family, schema)
    if ref.endswith("/local-time"):
        return Raw("08:00:00")
    if ref.endswith("/instant"):
        return Raw("2026-06-01T06:00:00+02:00")
    if "pattern" in schema:
        return next(text for text in ("1h", "x", "always") if re.search(schema["pattern"], text))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "oneOf" in schema:
        return sample(family, schema["oneOf"][0])
    kind = schema["type"]
    if kind == "object":
        required = schema.get("required", [])
        table = {key: sample(family, schema["properties"][key]) for key in schema["properties"] if key in required}
        return {**table, "to": Raw("16:00:00")} if "to" in table else table
    if kind == "array" and "items" not in schema:
        return []
    if kind == "array":
        return [sample(family, schema["items"])]
    return {"string": "x", "integer": schema.get("minimum", 1), "boolean": True}[kind]


def tables(family, schema, put=lambda table: table, name=""):
    """Every table of the grammar: name, its schema, and how a value of it becomes a whole file."""
    schema = resolved(family, schema)
    for i, one in enumerate(schema.get("oneOf", [])):
        yield from tables(family, one, put, f"{name}/{i}")
    if schema.get("type") == "array" and "items" in schema:
        yield from tables(family, schema["items"], lambda table: put([table]), name + "[]")
    if schema.get("type") != "object":
        return
    yield name, schema, put
    for key, value in schema["properties"].items():
        def inside(table, key=key, schema=schema):
            return put({**sample(family, schema), key: table})
        yield from tables(family, value, inside, f"{name}.{key}")


def whole(family, root):
    if family == "pack":
        return {**root, "pack": {"id": "p", "layer": "law", "version": 1, "zone": "Europe/Berlin", **root.get("pack", {})}
                } if isinstance(root.get("pack", {}), dict) else root
    return {"person": [{"id": "x"}], "limit": [{"name": "n", "groups": [], "class": "alarm", "limits": []}], **root}


# ---------------------------------------------------------------- the readers

def errors_of(family, texts):
    """For each text the errors of the reader: (code, line). Several at once, because each start costs."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        paths = []
        for i, text in enumerate(texts):
            here = folder / f"n{i}"
            here.mkdir()
            (here / "pack.toml").write_text(text if family == "pack" else '[pack]\nid = "p"\nlayer = "law"\nversion = 1\n')
            (here / "cases.toml").write_text(text)
            paths.append(here)
        command = ["check"] if family == "pack" else ["test"]
        done = subprocess.run([TOOL, *command, *map(str, paths), "--lang", "en"], capture_output=True, text=True)
        found = [[] for _ in texts]
        for line in done.stderr.splitlines() + done.stdout.splitlines():
            at = re.match(r".*/n(\d+)/(?:pack|cases)\.toml:", line)
            code = re.search(r"\[([a-z]+\.[a-z-]+)\]$", line)
            # Packs that are read in one run are loaded together; what they say about each other is no matter here.
            if at and code and "of which none is in all packs" not in line:
                found[int(at[1])].append((code[1], line))
        return found


def in_batches(family, texts, size):
    found = []
    for i in range(0, len(texts), size):
        found += errors_of(family, texts[i:i + size])
    return found


def refuses(errors):
    return any(code in SHAPE for code, _ in errors)


# ---------------------------------------------------------------- the tests

def test_schemas_are_sound():
    def described(schema, name):
        for key, value in schema.get("properties", {}).items():
            target = {**resolved(family, value), **value}
            if "$ref" not in value and "oneOf" in value:
                described(value, name)
            if not target.get("description") or not target.get("x-de"):
                fail(f"{name}.{key} is not described in both languages")
            if not re.match(r"[A-ZÄÖÜ]", target.get("x-de", "A")):
                fail(f"{name}.{key}: {target['x-de']}")
    for family, schema in FAMILIES.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        for name, table, _ in tables(family, schema):
            described(table, family + name)
            if table.get("additionalProperties") is not False:
                fail(f"{family}{name} allows keys that it does not list")


def test_shipped_files_pass():
    shipped = sorted(pathlib.Path("rules/packs").rglob("*.toml"))
    if len(shipped) < 10:
        fail("run from the root of the tree")
    for path in shipped:
        family = path.stem
        text = path.read_text()
        up = "../" * (len(path.parts) - 2)
        if not text.startswith(f"#:schema {up}schema/{family}.schema.json\n"):
            fail(f"{path} does not name its schema in its first line")
        for error in jsonschema.Draft202012Validator(FAMILIES[family]).iter_errors(as_json(tomllib.loads(text))):
            fail(f"{path}: {error.json_path}: {error.message}")


def test_the_same_keys():
    for family, schema in FAMILIES.items():
        named, texts = [], []
        for name, table, put in tables(family, schema):
            named.append((name, set(table["properties"])))
            texts.append(document(whole(family, put({**sample(family, table), UNKNOWN: 1}))))
        for (name, keys), errors, text in zip(named, in_batches(family, texts, 20), texts):
            lists = [line for code, line in errors if code == "pack.unknown-key" and f"'{UNKNOWN}'" in line]
            if len(lists) != 1:
                fail(f"{family}{name}: the reader does not complain about one unknown key: {errors}\n{text}")
                continue
            allowed = re.search(r"allowed: ([^;]*?)(;| \[pack)", lists[0])
            reader = set(allowed[1].split(", ")) if allowed else set()
            if reader != keys:
                fail(f"{family}{name}: only the reader has {sorted(reader - keys)}, only the schema {sorted(keys - reader)}")


STRANGE = [True, 7, 0, -1, 10**12, Raw("1.5"), "", "x", "a b", "Ä", "1h", "h", "1m1h", "$p", "always", "X" * 1100, [], ["x"], [1],
           ["x", "x"], {}, [{}], {"x": 1}, ["routine"], ["mon"]]


def differs_by_design(family, key, value):
    # Text that a later stage reads (a zone, a calendar, an id) is no matter of shape.
    if family == "cases":
        # The expected setting is compared as text, whatever it is.
        return key in {"max", "private", "cite", "factors", "lifetime", "idle", "step_up", "failures", "lock_for", "period",
                       "ceiling", "floor", "clock", "rule", "payload", "jitter", "classes", "keep", "smallest_cell", "told_after", "purposes"}
    return False


def test_the_same_values():
    for family, schema in FAMILIES.items():
        tried, texts = [], []
        for name, table, put in tables(family, schema):
            for key in table["properties"]:
                for value in STRANGE:
                    if differs_by_design(family, key, value):
                        continue
                    root = whole(family, put({**sample(family, table), key: value}))
                    tried.append((name, key, value))
                    texts.append(document(root))
        for (name, key, value), errors, text in zip(tried, in_batches(family, texts, 24), texts):
            if refuses(errors) == passes(family, text):
                fail(f"{family}{name}.{key} = {toml(value)}: the reader {'refuses' if refuses(errors) else 'takes'} it, "
                     f"the schema does not: {[line for code, line in errors]}")
        print(f"{family}: {len(tried)} values")


def test_refused_corpus():
    paths = sorted((SCHEMAS / "refused").glob("*.toml"))
    if len(paths) < 10:
        fail("the corpus of refused packs is missing")
    for path, errors in zip(paths, in_batches("pack", [path.read_text() for path in paths], 1)):
        if not errors:
            fail(f"the reader takes {path}")
        if passes("pack", path.read_text()):
            fail(f"the schema takes {path}")


for test in [value for name, value in list(globals().items()) if name.startswith("test_")]:
    print(test.__name__, flush=True)
    test()
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
