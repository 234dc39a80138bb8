"""What a model is really sent: every strategy differs, and what candidates share comes first."""

import json

from support.model_plans import GOAL, GOOD, outcome_of, request, source_at
from support.model_server import Asked, Reply, model_server

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import RefinementRequest
from prefect_harmonic.planners.variance import Constraint, Style, VarianceStrategy


async def asked_for(strategy: VarianceStrategy, candidates: int = 5) -> list[Asked]:
    """The first requests of a planning, in the order of the candidates' seeds and temperatures."""
    with model_server(lambda _: GOOD) as server:
        await outcome_of(source_at(server), variance=strategy, candidates=candidates)
        return server.asked[:candidates]


async def test_temperatures_differ_on_the_wire() -> None:
    """By temperature, five candidates have five temperatures and the same words."""
    asked = await asked_for(VarianceStrategy.TEMPERATURE)
    assert sorted({each.body["temperature"] for each in asked}) == [0.2, 0.3, 0.4, 0.5, 0.6]
    assert len({each.text for each in asked}) == 1


async def test_styles_differ_on_the_wire() -> None:
    """By prompting, five candidates are told five different things."""
    asked = await asked_for(VarianceStrategy.PROMPTING)
    assert len({each.text for each in asked}) == 5
    assert len({each.body["seed"] for each in asked}) == 5


async def test_examples_differ_on_the_wire() -> None:
    """By seeding, five candidates are shown five different examples."""
    asked = await asked_for(VarianceStrategy.SEEDING)
    assert len({each.text for each in asked}) == 5
    assert all("An example of how far" in each.last for each in asked)


async def test_constraints_are_asked_for_in_words() -> None:
    """By constraints, each candidate is told the shape that its plan is checked for, one is told none."""
    asked = await asked_for(VarianceStrategy.CONSTRAINTS)
    told = ("more than 2 artifacts", "At least 5 artifacts", "at most 8 artifacts", "more than 3 others")
    assert [sum(words in each.last for each in asked) for words in told] == [1, 1, 1, 1]


async def test_mixed_varies_words_and_temperatures() -> None:
    """Mixed, no two candidates are asked the same."""
    asked = await asked_for(VarianceStrategy.MIXED, 8)
    assert len({(each.text, each.body["temperature"], each.body["seed"]) for each in asked}) == 8


async def test_thirty_two_candidates_are_asked_thirty_two_things() -> None:
    """Past the listed styles, style, temperature and seed go on differing."""
    asked = await asked_for(VarianceStrategy.PROMPTING, 32)
    assert len({(each.text, each.body["temperature"], each.body["seed"]) for each in asked}) == 32


async def test_candidates_share_all_but_the_last_part() -> None:
    """The shared prefix holds the rules, the project and the goal; a server caches it once for all candidates."""
    context = ProjectContext(name="shop", files=tuple(f"src/module_{number}.py" for number in range(200)))
    with model_server(lambda _: GOOD) as server:
        source = source_at(server)
        for style in Style:
            await source.candidate(request(style=style, context=context))
        texts = [each.text for each in server.asked]
    shared = next(place for place, letters in enumerate(zip(*texts, strict=False)) if len(set(letters)) > 1)
    assert GOAL in texts[0][:shared]
    assert shared > 0.9 * max(map(len, texts))


async def test_the_schema_goes_to_the_server_with_what_is_known_as_enumerations() -> None:
    """Agents, efforts and requirements cannot be invented by a server that decodes under the schema."""
    with model_server(lambda _: GOOD) as server:
        await source_at(server, agents={"builder", "researcher"}).candidate(request())
        body = server.asked[0].body
    sent = body["response_format"]
    artifact = sent["json_schema"]["schema"]["properties"]["artifacts"]["items"]
    assert sent["type"] == "json_schema"
    assert artifact["properties"]["agent"]["enum"] == ["builder", "researcher"]
    assert artifact["properties"]["effort"]["enum"] == ["low", "medium", "high"]
    assert artifact["properties"]["covers"]["items"]["enum"] == ["REST API", "auth"]
    assert artifact["required"] == ["id"]
    assert not {"maxLength", "uniqueItems"} & set(json.dumps(sent).replace('"', " ").split())


async def test_one_candidate_is_one_request() -> None:
    """Nothing is asked before or beside it: what the goal asks for is read from its own words."""
    with model_server(lambda _: GOOD) as server:
        outcome = await outcome_of(source_at(server), candidates=1)
        assert len(server.asked) == 1
    assert outcome.requirements == ("REST API", "auth")


async def test_usage_is_told_for_each_candidate_with_the_share_of_the_cache() -> None:
    """Tokens and cache hits are the server's own figures."""
    with model_server(lambda _: GOOD) as server:
        outcome = await outcome_of(source_at(server), candidates=1)
    usage = outcome.to_document()["usage"]["candidate-0"]
    assert (usage["requests"], usage["input_tokens"], usage["output_tokens"]) == (1, 1000, 50)
    assert usage["cache_hit_rate"] == 0.9


async def test_a_server_without_schemas_is_asked_in_words() -> None:
    """A refusal of `response_format` is answered by the same question with the schema in the prompt, from then on."""

    def behaviour(asked: Asked) -> Reply:
        if "response_format" in asked.body:
            return Reply(status=400, error="response_format of type json_schema is not supported")
        return GOOD

    with model_server(behaviour) as server:
        source = source_at(server)
        await source.candidate(request())
        await source.candidate(request())
        formats = ["response_format" in each.body for each in server.asked]
        assert '"minItems":1' in server.asked[1].text.replace(" ", "")
    assert formats == [True, False, False]


async def test_refinement_shows_the_whole_plan_its_figures_and_the_findings() -> None:
    """The model improves what it sees: artifacts, metrics, findings and what should become better."""
    plan = Plan(goal=GOAL, artifacts=(Artifact(id="First", contract="holds a promise"), Artifact(id="B")))
    refinement = RefinementRequest(
        plan=plan, feedback="Too deep.", findings=("P014 warning B is cut off",), context=request().context
    )
    with model_server(lambda _: GOOD) as server:
        refined = await source_at(server).refined(refinement)
        text = server.asked[0].last
    assert refined is not None
    assert refined.goal == GOAL
    for told in ("holds a promise", "depth 1", "P014 warning B is cut off", "Too deep."):
        assert told in text


async def test_a_missed_shape_goes_back_to_the_model() -> None:
    """A constraint is checked on the result, and what is missed is told once."""
    with model_server(lambda _: GOOD) as server:
        await source_at(server).candidate(request(constraint=Constraint(max_depth=1)))
        assert len(server.asked) == 2
        assert "was asked for max_depth=1 and has 2" in server.asked[1].last
