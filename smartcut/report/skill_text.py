"""The texts of the skill's SKILL.md and of llms.txt that no code says; the rest is generated."""

#: Says when the skill is of use: at most 1024 characters, in one line.
DESCRIPTION = (
    "Edit video and sound with smartcut: cut, tighten talks, highlight reels, shorts, captions, "
    "reframing, titles, loudness, joining, converting, searching footage by words, transcripts. "
    "Use it whenever a video or audio file is to be looked at, cut, changed, checked or made."
)

GUIDE = """\
smartcut edits by pipelines: a YAML file lists stages, each takes a cut (segments of files) and
gives a cut, and `render` writes it. What nothing touches is copied without loss. A pipeline is
data: it can be checked and planned before anything is decoded, and the same pipeline over the same
files gives the same film.

## How to work

1. **Look.** Never edit blind: `smartcut probe`, `smartcut shots`, `smartcut transcribe`, and
   pictures (below).
2. **Write a pipeline.** Look each stage up first: `smartcut stages NAME`, or the references.
3. **Check and plan.** `check` names all mistakes at once, with lines; `plan` says what would be
   decoded and encoded, and how long it takes.
4. **Run.** What is done already is not done again: change one thing and run again.
5. **Verify.** Say what is expected (`expect:` in the pipeline) and have it measured; look at
   pictures of the result at the joins, read its transcript. Say what you saw, not what you hope.
6. **Correct.** Change parameters, or single moments by edits, which later runs keep (below). Do not
   cut the result again: cut from the sources.

With the command, over `film.mp4`:

```yaml
params: {duration: 2s}
stages:
  - shots
  - motion
  - highlights: {duration: "${duration}"}
  - audio: {loudness: -16}
  - render: {resolution: 180p}
expect: {no_black: 0.5s, size: 320x180}
```

```sh
smartcut probe film.mp4
smartcut shots film.mp4 --format json
smartcut filmstrip film.mp4 --count 4 -o strip.png
smartcut check recipe.yaml
smartcut plan recipe.yaml film.mp4 --format json
smartcut run recipe.yaml film.mp4 -o reel.mp4 --set duration=1.5s --json
smartcut verify reel.mp4
smartcut frame reel.mp4 0.5 -o still.png
```

Corrections by hand lie in `recipe.edits.yaml` beside `recipe.yaml`, or in the pipeline itself; they
speak of moments of sources, so they hold when the pipeline then chooses otherwise:

```yaml
- edits: [{drop: {source: film, start: 0.5, end: 0.8, why: "the mark is seen"}}]
```

Exit codes: 0 done, 1 the work failed, 2 what was asked for is wrong, 3 some of many failed. The
message says what is accepted: read it, and do not guess again.

## With the tools of `smartcut mcp`

The same, where a client has them (`smartcut mcp --root FOLDER`): `files`, `probe`, `shots`,
`transcript`, `look` (pictures: a sheet, or single times; also of a pipeline that was not run),
`search`, `stages`, `schema`, `check`, `plan`, `run`, `verify` (is it as expected?), `explain` (why
these moments), `edit` (corrections by hand, kept beside the pipeline for every later run), `diff`
(what changed), `job`, `cancel`, `save`. Files are named relative to the root; `pipeline` takes the
YAML itself. `run` answers with a job where it takes longer than `wait`: ask `job`.

## Rules

- Times are seconds (`12.5`), `1:02.5`, `30s`, or frames (`30f`); source time, unless a stage says
  otherwise.
- Order matters: what chooses (`trim`, `highlights`, `tighten`, `shorts`) before what changes pace
  and pictures, then `audio` and `subtitles`, and `render` last.
- Stages say what they need: `highlights` wants signals (`motion`, `relevance`, `transcribe` ...)
  before it.
- `smartcut VERB FILE` does a whole job in one line (references/recipes.md); `--show` prints its
  pipeline, `--dry` says what it would do.
- Nothing touches the network without `--allow-net`; models that are missing are named with the
  command that fetches them.
- Outputs appear when they are whole. `FILE.manifest.json` says what every second was made from.
"""

RECIPES = """\
Whole jobs on one's own file, each a line; below it the pipeline that it is, to start from. All take
`--start`, `--end`, `-o`, `--dry` and `--show`; `smartcut VERB --help` lists the options.
"""

STAGES = """\
What each takes, with its default; `smartcut stages NAME` says what each parameter means.
"""
