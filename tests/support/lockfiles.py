"""Hypothesis strategies for lockfiles: everything that the schema lets be said, nasty text included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from cortexlock.model.lockfile import (
    CondaStep,
    Credentials,
    Input,
    Lockfile,
    PipStep,
    PreInstalled,
    ResolverVersion,
    ScriptStep,
)
from cortexlock.model.package import (
    BuildRequirement,
    CondaPackage,
    Conflict,
    FromArchive,
    FromDirectory,
    FromGit,
    FromIndex,
    FromUrl,
    Pin,
    PipPackage,
    Replaced,
)
from cortexlock.model.predictor import LockedPredictor
from cortexlock.model.target import VirtualPackage

_T = TypeVar("_T")

_CONTROL = "".join(map(chr, range(0x20))) + "\x7f"
_AMBIGUOUS = [
    *("1.10", "0x1F", "0o17", "017", "1_000", "1e10", "1:30", "12:30:45", ".5", ".inf", "-.INF", ".NaN", "0", "+1"),
    *("null", "Null", "true", "True", "yes", "No", "ON", "off", "y", "N", "~", "2020-06-01", "2020-06-01T00:00:00Z"),
    *("<<", "=", "-", "--- a", "...", "- a", "? a", ": a", "a: b", "a #b", "#a", "[a", "{a", "a, b", "&a", "*a", "!a"),
    *("!!int 1", "|", ">", "%a", "@a", "`a", "'a", '"a', " a", "a ", "a\\nb", "e10", "_1"),
    *("\u0085", "\u2028", "\ufeff", "\U0001f600", "\u00e9", "\x80", "\xa0"),
]

texts = st.one_of(
    st.sampled_from(_AMBIGUOUS),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters=_CONTROL), min_size=1, max_size=20),
)
names = st.sampled_from(["1", "a", "no", "on", "null", "numpy", "scikit-learn", "1-0", "e10", "0x1f", "inf"])
conda_names = names | st.sampled_from(["_libgcc_mutex", "libstdcxx-ng", "gcc_linux-64", "r-base", "x.y", "gtk+"])
project_versions = st.sampled_from(
    ["1.10", "0", "2020.6.20", "1!2.0", "1.0rc1", "1.0.post1", "1.5.1+cpu", "1.0.dev0", "20200601", "v1.0-RC1"]
)
versions = project_versions | st.sampled_from(["2.1.4x", "1_000", "1.1.1g", "9b", "y", "2020a", "true", "1e10"])
builds = st.sampled_from(["0", "py36_0", "py_0", "hb3f55d8_1000", "1_mkl", "on", "py37_cuda10.1.243_cudnn7.6.3_0"])
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
aliases = st.sampled_from(["default", "mirror", "on", "1", "wheels.example.org"])
sizes = st.integers(0, 2**53 - 1)
paths = st.sampled_from(
    ["requirements.txt", "a b/c.txt", ".", "./pkg", "pkg/", "données/é.txt", "1", "yes", "..a", "a..b"]
)
file_names = st.sampled_from(["numpy-1.0-py3-none-any.whl", "1.tar.gz", "a+b!c.conda", "é.zip"])


def tuples(of: st.SearchStrategy[str], *, max_size: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(of, max_size=max_size).map(tuple)


_conda_packages = st.builds(
    CondaPackage,
    name=conda_names,
    version=versions,
    build=builds,
    channel=st.sampled_from(["defaults", "./channel", "https://channels.example.org/main"]),
    subdir=st.sampled_from(["linux-64", "noarch"]),
    file=file_names,
    sha256=hashes,
    md5=st.sampled_from(["", "0" * 32, "a" * 32]),
    size=sizes,
    action=st.sampled_from(["add", "change"]),
    replaces=st.lists(st.builds(Replaced, manager=st.sampled_from(["conda", "pip"]), version=versions), max_size=2).map(
        tuple
    ),
    by=tuples(texts),
    distributions=st.lists(
        st.builds(Pin, name=names | st.sampled_from(["PyYAML", "a.b_c"]), version=versions), max_size=3
    ).map(tuple),
) | st.builds(CondaPackage, name=conda_names, version=versions, build=builds, action=st.just("keep"), by=tuples(texts))
_files = st.one_of(
    st.builds(FromIndex, alias=aliases),
    st.builds(FromUrl, url=st.just("https://example.org/a.zip#egg=a"), subdirectory=st.just("") | paths),
    st.builds(FromArchive, path=paths, subdirectory=st.just("") | paths),
)
_trees = st.one_of(
    st.builds(
        FromGit,
        url=st.sampled_from(["https://git.example.org/a.git", "ssh://git@git.example.org/a.git"]),
        commit=st.sampled_from(["0" * 40, "e" * 64]),
        reference=st.sampled_from(["", "v1.0", "1e10", "feature/x", "on"]),
        subdirectory=st.just("") | paths,
        editable=st.booleans(),
    ),
    st.builds(FromDirectory, path=paths, editable=st.booleans()),
)
_located = st.one_of(
    st.fixed_dictionaries({"source": _files, "file": file_names}), st.fixed_dictionaries({"source": _trees})
)


def _with_source(located: dict[str, Any], **values: Any) -> PipPackage:  # noqa: ANN401 - fields of many types
    return PipPackage(**located, **values)


_added = st.builds(
    _with_source, _located, name=names, version=project_versions, sha256=hashes, yanked=st.booleans(), size=sizes
)
_pip_packages = st.builds(
    _with_source,
    _located,
    name=names,
    version=project_versions,
    action=st.sampled_from(["add", "change"]),
    replaces=st.just(()) | versions.map(lambda version: (Replaced("pip", version),)),
    by=tuples(texts),
    sha256=hashes,
    size=sizes,
    yanked=st.booleans(),
) | st.builds(PipPackage, name=names, version=project_versions, action=st.just("keep"), by=tuples(texts))


def _distinct(values: st.SearchStrategy[_T], key: Callable[[_T], Any]) -> st.SearchStrategy[tuple[_T, ...]]:
    return st.lists(values, max_size=4, unique_by=key).map(lambda found: tuple(sorted(found, key=key)))


_steps = st.one_of(
    st.builds(ScriptStep, file=paths, sha256=hashes),
    st.builds(CondaStep, file=paths, packages=_distinct(_conda_packages, lambda package: package.name)),
    st.builds(
        PipStep,
        file=st.just("") | paths,
        packages=_distinct(_pip_packages, lambda package: package.name),
        build_requirements=_distinct(
            st.builds(BuildRequirement, package=_added, needed_by=tuples(names)),
            lambda requirement: (requirement.package.name, requirement.package.version),
        ),
        conflicts=st.lists(
            st.builds(
                Conflict,
                package=texts,
                version=texts,
                requirement=texts,
                found=st.just("") | texts,
                already=st.booleans(),
            ),
            max_size=2,
        ).map(tuple),
        step=st.sampled_from(["core", "pip"]),
    ),
)

_suppliers = st.sampled_from([("${TOKEN}",), ("${A}", "${B_1}"), ("requirements.txt",), ("d/cortexlock.yaml",)])


def _matched(lockfile: Lockfile) -> Lockfile:
    """Return a lockfile with the indexes that its packages have, and without inputs where it has no steps."""
    used = {each.alias: None for step in lockfile.pip_steps for each in step.artifacts if each.alias is not None}
    indexes = tuple(dict.fromkeys((*lockfile.indexes, *used)))
    return replace(lockfile, indexes=indexes, inputs=lockfile.inputs if lockfile.steps else ())


lockfiles = st.builds(
    Lockfile,
    predictor=st.builds(
        LockedPredictor,
        type=texts,
        cortex_version=texts,
        image=texts,
        slim=st.booleans(),
        closure=st.sampled_from(["documented", "resolved", "captured"]),
    ),
    platform=st.sampled_from(["cpu", "cuda", "inf"]),
    subdir=st.just("linux-64"),
    python=st.sampled_from(["3.6", "3.6.9", "3.10"]),
    glibc=st.just("2.27"),
    virtual_packages=_distinct(
        st.builds(VirtualPackage, name=st.sampled_from(["__glibc", "__cuda", "__unix"]), version=texts, build=texts),
        lambda package: package.name,
    ),
    inputs=_distinct(st.builds(Input, file=paths, sha256=hashes), lambda given: given.file),
    channels=tuples(st.sampled_from(["defaults", "conda-forge", "./on", "no", "1"])),
    indexes=tuples(aliases),
    exclude_newer=st.sampled_from(["", "2020-06-01T00:00:00Z"]),
    resolvers=_distinct(st.builds(ResolverVersion, name=texts, version=texts), lambda resolver: resolver.name),
    pre_installed=_distinct(
        st.builds(PreInstalled, manager=st.sampled_from(["conda", "pip"]), name=conda_names, version=versions),
        lambda package: (package.manager, package.name),
    ),
    steps=st.lists(_steps, max_size=3, unique_by=lambda step: step.step).map(tuple),
    credentials=st.lists(
        st.builds(Credentials, supplied_by=_suppliers, index=aliases)
        | st.builds(Credentials, supplied_by=_suppliers, package=names),
        max_size=2,
    ).map(tuple),
    pip_config=st.sampled_from([(), ("index-url",), ("extra-index-url", "find-links")]),
).map(_matched)


def example() -> Lockfile:
    """Return a small lockfile that has something of everything."""
    return Lockfile(
        predictor=LockedPredictor("python", "0.23.0", "python-predictor-cpu", slim=False, closure="resolved"),
        platform="cpu",
        subdir="linux-64",
        python="3.6.9",
        glibc="2.27",
        virtual_packages=(VirtualPackage("__glibc", "2.27"), VirtualPackage("__unix", "0")),
        inputs=(Input("conda-packages.txt", "1" * 64), Input("requirements.txt", "a" * 64)),
        channels=("defaults",),
        indexes=("default",),
        exclude_newer="2021-06-01T00:00:00Z",
        resolvers=(ResolverVersion("pip", "26.3"),),
        pre_installed=(PreInstalled("conda", "python", "3.6.9"), PreInstalled("pip", "numpy", "1.18.2")),
        steps=(
            ScriptStep("dependencies.sh", "2" * 64),
            CondaStep(
                "conda-packages.txt",
                (
                    CondaPackage(
                        name="libblas",
                        version="3.9",
                        build="0_mkl",
                        channel="defaults",
                        subdir="linux-64",
                        file="libblas-3.9-0_mkl.conda",
                        sha256="3" * 64,
                        md5="0" * 32,
                        size=12,
                        by=("numpy",),
                    ),
                    CondaPackage("python", "3.6.9", action="keep", by=("libblas",)),
                ),
            ),
            PipStep(
                "requirements.txt",
                (
                    PipPackage(
                        "1",
                        "1.10",
                        by=("requirements.txt",),
                        sha256="4" * 64,
                        source=FromDirectory("./pkg", editable=True),
                    ),
                    PipPackage(
                        name="numpy",
                        version="1.19.5",
                        action="change",
                        replaces=(Replaced("pip", "1.18.2"),),
                        by=("1", "requirements.txt"),
                        file="numpy-1.19.5.tar.gz",
                        sha256="b" * 64,
                        size=5,
                        source=FromIndex("default"),
                    ),
                ),
                (
                    BuildRequirement(
                        PipPackage(
                            "wheel",
                            "0.37",
                            file="wheel-0.37-py3-none-any.whl",
                            sha256="5" * 64,
                            source=FromIndex("default"),
                        ),
                        ("1", "numpy"),
                    ),
                ),
                (Conflict("tensorflow-cpu", "2.3.0", "numpy<1.19", "1.19.5"),),
            ),
        ),
    )
