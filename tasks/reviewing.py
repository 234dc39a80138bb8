"""The task that reviews a milestone: it writes what was found, shows it, and has it remembered."""

from prefect import task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from prefect_harmonic.planners.programme.review import Review
from prefect_harmonic.tasks.calling import completed
from prefect_harmonic.tasks.logs import logger
from prefect_harmonic.tasks.recording import Recording, noted
from prefect_harmonic.tasks.views.escaping import markdown_text
from prefect_harmonic.tasks.views.review import review_markdown
from prefect_harmonic.tasks.workspace import Workspace

REVIEWS = "reviews"
REVIEW_KEY = "harmonic-review"
"""Key of the Prefect artifact; each review is a version of it."""

_log = logger(__name__)


@task(name="review-milestone", task_run_name="review {milestone}", persist_result=False, cache_policy=NO_CACHE)
async def review_milestone(
    milestone: str, slug: str, review: Review, goal: str, workspace: Workspace, recording: Recording | None
) -> State[str]:
    """Writes the review of a milestone. The state of the task run is named after its verdict.

    Args:
        milestone: Its name.
        slug: Its name as part of a file's name.
        review: What was found.
        goal: What the programme is for.
        workspace: Where `reviews/` lies.
        recording: Keeps it in the knowledge base, if that can be used.

    Raises:
        WorkspaceError: The file cannot be written.
    """
    text = review_markdown(review, goal)
    path = workspace.write_own(f"{REVIEWS}/{slug}.md", text)
    try:
        await acreate_markdown_artifact(text, key=REVIEW_KEY, description=f"Review of {markdown_text(milestone)}")
    except Exception as error:  # the programme does not depend on being shown
        _log.warning("publishing.failed", what="review", error=str(error))
    await noted(recording, lambda record: record.reviewed(milestone, review.model_dump(mode="json")))
    name = review.verdict.value.capitalize()
    return completed(workspace.relative(path), name=name, message=review.rationale)
