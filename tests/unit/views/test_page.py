"""The page is whole, well formed, deterministic and harmless."""

import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pages import Outline

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.candidates import CandidateRow
from prefect_harmonic.tasks.views.overview import FindingRow
from prefect_harmonic.tasks.views.page import plan_page
from prefect_harmonic.tasks.views.picture import PlanPicture
from prefect_harmonic.tasks.views.timeline import TimelineBar, timeline_svg

PlanMaker = Callable[[int, int], ArtifactGraph]
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e{{x}}${y}<!--"


@pytest.mark.parametrize("size", [1, 5, 50, 200])
def test_page_shows_every_artifact_and_requirement(random_plan: PlanMaker, size: int) -> None:
    """Every artifact is in the drawing and in the table, every edge in the drawing, and all elements are closed."""
    graph = random_plan(size, 7)
    outline = Outline(plan_page(graph))
    nodes = [attrs for tag, attrs in outline.elements if tag == "a" and (attrs.get("class") or "").startswith("node")]
    edges = [attrs for tag, attrs in outline.elements if tag == "g" and (attrs.get("class") or "").startswith("edge ")]
    edges += [attrs for tag, attrs in outline.elements if tag == "g" and attrs.get("class") == "edge"]
    assert len(nodes) == size
    assert len(edges) == graph.network.number_of_edges()
    assert len(outline.attributes("tbody", "data-node")) == size
    assert set(graph.order) <= set(outline.text)
    assert outline.open == []


def test_page_links_lead_to_places_that_exist(random_plan: PlanMaker) -> None:
    """Every link points into the page itself, at an id that is there once."""
    outline = Outline(plan_page(random_plan(30, 2)))
    ids = [value for _, attrs in outline.elements if (value := attrs.get("id")) is not None]
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in outline.attributes("a", "href")} <= set(ids)


def test_page_allows_its_own_style_and_script_and_nothing_else(rest_plan: ArtifactGraph) -> None:
    """The security policy names the digests of exactly what stands in the page, and nothing is loaded."""
    outline = Outline(plan_page(rest_plan))
    policy = outline.attributes("meta", "content")[0]
    for kind in ("style", "script"):
        digest = b64encode(sha256(outline.contents[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not any({"src", "style", "srcset", "data"} & attrs.keys() for _, attrs in outline.elements)
    assert not any(name.startswith("on") for _, attrs in outline.elements for name in attrs)


def test_page_shows_hostile_text_as_text() -> None:
    """Markup, script ends and reordering characters in every field of a plan add no element and no attribute."""
    artifact = Artifact(
        id=HOSTILE,
        description=HOSTILE,
        contract=HOSTILE,
        consumes=(HOSTILE,),
        produces=(HOSTILE,),
        produces_file=HOSTILE,
        domain_type=HOSTILE,
        agent=HOSTILE,
        effort=HOSTILE,
        phase=HOSTILE,
        covers=(HOSTILE,),
        priority=HOSTILE,
    )
    other = Artifact(id="b", requires=(Requirement(id=HOSTILE, because=HOSTILE),))

    def page(text: str, *artifacts: Artifact) -> Outline:
        name = artifacts[0].id
        return Outline(
            plan_page(
                ArtifactGraph(artifacts, goal=text, requirements=[text]),
                timeline=[TimelineBar(name, 0, 2, text)],
                metrics={text: 1},
                critical_path=[name, "b"],
                states={name: text},
                candidates=[CandidateRow(id=text, style=text), CandidateRow(id=text, status=text, reason=text)],
                reason=text,
                findings=[FindingRow(text, text, text, text)],
            )
        )

    plain = artifact.model_copy(
        update={field: "x" for field in Artifact.model_fields if isinstance(getattr(artifact, field), str)}
        | {"consumes": ("x",), "produces": ("x",), "covers": ("x",)}
    )
    harmless = page("x", plain, Artifact(id="b", requires=(Requirement(id="x", because="x"),)))
    hostile = page(HOSTILE, artifact, other)
    shape = [(tag, sorted(attrs)) for tag, attrs in hostile.elements if tag not in {"text", "tspan"}]
    assert shape == [(tag, sorted(attrs)) for tag, attrs in harmless.elements if tag not in {"text", "tspan"}]
    assert "\u202e" not in "".join(hostile.text)
    assert hostile.contents["script"] == harmless.contents["script"]


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6, unique=True), st.text(max_size=20))
def test_page_is_well_formed_and_encodable_for_any_names(names: list[str], goal: str) -> None:
    """Whatever artifacts and goal are called, the page parses and can be written as UTF-8."""
    artifacts = [
        Artifact(id=name, requires=tuple(Requirement(id=earlier) for earlier in names[:place]))
        for place, name in enumerate(names)
    ]
    page = plan_page(ArtifactGraph(artifacts, goal=goal), critical_path=names)
    assert Outline(page).open == []
    assert page.encode()


def test_page_is_the_same_whatever_the_hash_seed() -> None:
    """Two interpreters with different hash seeds write the same page."""
    program = (
        "from prefect_harmonic.planners.graph import ArtifactGraph\n"
        "from prefect_harmonic.planners.plan import plan_from_document\n"
        "from prefect_harmonic.tasks.views.page import plan_page\n"
        "document = {'artifacts': [{'id': f'n{i}', 'requires': [f'n{j}' for j in range(i) if (i * j) % 5 == 1],"
        " 'phase': f'p{i % 3}', 'covers': ['a', 'b']} for i in range(25)]}\n"
        "print(plan_page(ArtifactGraph(plan_from_document(document)), states={f'n{i}': 'done' for i in range(9)}))"
    )
    pages = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pages) == 1


def test_page_marks_the_critical_path_and_states(rest_plan: ArtifactGraph) -> None:
    """Critical artifacts and edges carry their class, and a state is said in words too."""
    page = plan_page(
        rest_plan, critical_path=["UserProtocol", "UserModel", "UserRoutes"], states={"UserModel": "failed"}
    )
    outline = Outline(page)
    classes = [attrs.get("class") or "" for _, attrs in outline.elements]
    assert sum(name == "edge critical" for name in classes) == 2
    assert sum(name.startswith("node") and name.endswith("critical") for name in classes) == 3
    labels = outline.attributes("a", "aria-label")
    assert any("UserModel" in label and "failed" in label and "critical path" in label for label in labels)


def test_page_says_that_a_skeleton_is_to_be_filled_in(rest_plan: ArtifactGraph) -> None:
    """What is there only in outline does not wait for anybody to make it, and its phase is not done."""
    states = {"UserProtocol": "done", "UserModel": "done", "UserRoutes": "skeleton"}
    text = "".join(Outline(plan_page(rest_plan, states=states)).text)
    assert text.count("1 to be filled in") == 3
    assert "waiting" not in text.split("Progress")[-1].split("Artifacts")[0]


def test_page_shows_what_the_card_needs(rest_plan: ArtifactGraph) -> None:
    """Reasons, contracts, files and uncovered requirements stand in the page without any script."""
    text = "".join(Outline(plan_page(rest_plan)).text)
    for part in (
        "implements its fields",
        "Passwords only as hashes.",
        "src/models/user.py",
        "not covered",
        "user model",
    ):
        assert part in text


def test_page_shows_why_candidates_won_and_fell(rest_plan: ArtifactGraph) -> None:
    """The reason for the choice and the reason of each failure are there; without candidates the section is not."""
    rows = [
        CandidateRow(id="candidate-0", is_selected=True, expected_makespan_hours=9.5, coverage=1.0),
        CandidateRow(id="candidate-1", status="invalid", reason="P003 a cycle"),
    ]
    text = "".join(Outline(plan_page(rest_plan, candidates=rows, reason="shortest of all")).text)
    assert all(part in text for part in ("shortest of all", "P003 a cycle", "9.5 h", "100%", "chosen"))
    assert "Candidates" not in "".join(Outline(plan_page(rest_plan)).text).split("Artifacts")[-1]


def test_timeline_stacks_bars_that_overlap_and_leaves_out_what_has_no_time(rest_plan: ArtifactGraph) -> None:
    """One worker's overlapping bars lie in rows of their own; a bar without a finite time is not drawn."""
    bars = [
        TimelineBar("UserProtocol", 0, 2, "w"),
        TimelineBar("UserModel", 1, 3, "w"),
        TimelineBar("UserRoutes", 3, float("inf"), "w"),
    ]
    outline = Outline(plan_page(rest_plan, timeline=bars))
    tops = [attrs["y"] for tag, attrs in outline.elements if tag == "rect" and attrs.get("class") == "span"]
    assert len(set(tops)) == 2
    assert len(tops) == 2


def test_timeline_of_no_length_is_drawn(rest_plan: ArtifactGraph) -> None:
    """A run that took no measurable time still has a timeline."""
    outline = Outline(plan_page(rest_plan, run=[TimelineBar("UserModel", 0, 0, "w")]))
    assert "Timeline" in outline.text


def test_timeline_names_every_bar_however_short(random_plan: PlanMaker) -> None:
    """Beside bars too short for it a name still stands, whole, and within the drawing."""
    graph = random_plan(12, 3)
    bars = [TimelineBar(name, place * 10, place * 10 + 0.1, "w") for place, name in enumerate(graph.order)]
    svg = Outline(timeline_svg(PlanPicture(graph, {}), bars, "s", "Run"))
    names = [attrs for tag, attrs in svg.elements if tag == "text" and attrs.get("class") == "on"]
    width = float(svg.attributes("svg", "width")[0])
    assert set(graph.order) <= set(svg.text)
    assert len(names) == 12
    assert width <= 1200
    assert all(0 < float(attrs["x"] or 0) < width for attrs in names)


def test_requirement_is_ticked_only_when_all_that_covers_it_is_done(rest_plan: ArtifactGraph) -> None:
    """A plan that never ran ticks nothing; a requirement half done says how far it is."""

    def chips(states: dict[str, str]) -> list[tuple[str | None, str | None]]:
        outline = Outline(plan_page(rest_plan, states=states))
        return [
            (attrs.get("class"), attrs.get("title"))
            for tag, attrs in outline.elements
            if tag == "li" and attrs.get("class") in {"met", "planned", "unmet"}
        ]

    unrun, covered = ("planned", "covered by 1 artifact"), ("met", "covered by 1 artifact, all done")
    assert chips({}) == [unrun, unrun, ("unmet", None)]
    assert chips({"UserModel": "done", "UserProtocol": "failed"}) == [
        ("planned", "covered by 1 artifact, 0 of them done"),
        covered,
        ("unmet", None),
    ]


def test_what_must_hold_is_not_ticked_because_the_work_is_done() -> None:
    """Its contract says so; that nobody broke it no state of an artifact shows."""
    made = Artifact(id="Check", covers=("search", "must not change URLs"))
    graph = ArtifactGraph([made], goal="Add search", requirements=["search", "must not change URLs"])
    outline = Outline(plan_page(graph, states={"Check": "done"}))
    chips = {
        attrs.get("class")
        for tag, attrs in outline.elements
        if tag == "li" and "whether it" in (attrs.get("title") or "")
    }
    assert chips == {"planned"}


def test_long_goal_is_folded_under_a_short_heading() -> None:
    """The heading is one sentence; the whole goal is in the page once, folded away."""
    goal = "Split the monolith. " + "It has to keep running. " * 40
    outline = Outline(plan_page(ArtifactGraph([Artifact(id="a")], goal=goal)))
    assert "Split the monolith." in outline.text
    assert goal.strip() in {text.strip() for text in outline.text}
    assert "details" in {tag for tag, _ in outline.elements}
