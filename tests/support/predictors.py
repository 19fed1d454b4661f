"""Predictors: one that has something of everything, and a Hypothesis strategy for all that a file can say."""

from __future__ import annotations

from hypothesis import strategies as st

from cortexlock.model.predictor import CondaRecord, DependencyFiles, Distribution, PlatformName, Predictor
from tests.support.lockfiles import paths, texts, tuples

_names = st.from_regex(r"[a-z0-9]{1,3}(-[a-z0-9]{1,3}){0,2}", fullmatch=True) | st.sampled_from(["y", "no", "1e3", "0"])
_urls = st.sampled_from(
    ["a @ https://example.org/a.zip", "a[b] >= 1 ; extra == 'c'", 'x (>=1.0<2); python_version<"3"']
)
_distributions = st.builds(
    Distribution,
    name=_names,
    version=st.sampled_from(["1.10", "1", "2!1.0rc1+cu118", "1.0.post1.dev2", "0"]),
    requires=tuples(texts | _urls),
    extras=tuples(texts),
    requires_python=st.none() | texts,
    on_index=st.booleans(),
)
_records = st.builds(
    CondaRecord,
    name=texts,
    version=texts,
    build=st.just("") | texts,
    depends=tuples(texts),
    subdir=st.sampled_from(["", "linux-64", "noarch"]),
    noarch=st.sampled_from(["", "generic", "python"]),
    channel=st.sampled_from(["", "conda-forge", "pkgs/main", "https://example.org/main"]),
)
_versions = st.sampled_from(["2.27", "3.10", "10.1"])

predictors = st.builds(
    Predictor,
    type=texts,
    cortex_version=texts,
    platform=st.sampled_from(["cpu", "cuda", "inf"]),
    image=texts,
    slim=st.booleans(),
    released=st.sampled_from(["", "2020-05-04T16:46:03Z"]),
    python=st.sampled_from(["3.6.9", "3.10", "3.11.10"]),
    glibc=_versions,
    cuda=st.none() | _versions | st.just("10.1.243"),
    has_conda=st.booleans(),
    channels=tuples(st.sampled_from(["defaults", "conda-forge", "./on", "no", "1", "https://example.org/main"])),
    order=st.permutations(["script", "conda", "core", "pip"]).flatmap(
        lambda steps: st.integers(1, 4).map(lambda count: tuple(steps[:count]))
    ),
    files=st.builds(DependencyFiles, script=tuples(paths), conda=st.none() | paths, pip=st.none() | paths),
    distributions=st.lists(_distributions, max_size=4, unique_by=lambda one: one.name).map(
        lambda found: tuple(sorted(found, key=lambda one: one.name))
    ),
    conda_records=st.lists(_records, max_size=3, unique_by=lambda one: one.name).map(
        lambda found: tuple(sorted(found, key=lambda one: one.name))
    ),
    conda_version=st.sampled_from(["", "4.7.12", "24.7.1rc1"]),
    conda_history=tuples(texts),
    conda_pinned=tuples(texts),
    core=tuples(texts | _urls),
    closure=st.sampled_from(["documented", "resolved", "partial", "captured"]),
    file=st.just(""),
    constraints=tuples(st.sampled_from(["a<2", "b==1.0; python_version<'3'", "y @ https://example.org/a.zip", "no"])),
)


def example(platform: PlatformName = "cpu", *, file: str = "") -> Predictor:
    """Return a predictor that has something of everything."""
    return Predictor(
        type="python",
        cortex_version="0.30.0",
        platform=platform,
        image="own-predictor",
        slim=False,
        released="2020-05-04T16:46:03Z",
        python="3.6.9",
        glibc="2.27",
        cuda="10.1" if platform == "cuda" else None,
        has_conda=True,
        channels=("defaults", "conda-forge"),
        order=("script", "conda", "pip", "core"),
        files=DependencyFiles(("dependencies.sh",), "conda-packages.txt", "requirements.txt"),
        distributions=(
            Distribution("cortex-internal", "1.10", on_index=False),
            Distribution("torch", "1.4.0", ("numpy", 'six>1; extra == "x"'), ("x",), ">=3.5"),
        ),
        conda_records=(CondaRecord("pip", "20.1"), CondaRecord("python", "3.6.9", "h0371630_0", ("openssl >=1.1",))),
        core=("requests==2.24.0",),
        closure="captured",
        file=file,
    )
