"""Hypothesis strategies for lockfiles: everything that the schema lets be said, nasty text included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

from cortexlock.model.lockfile import (
    CondaStep,
    Credentials,
    Input,
    LockedPredictor,
    Lockfile,
    PipStep,
    PreInstalled,
    Resolver,
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
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
aliases = st.sampled_from(["default", "mirror", "on", "1", "wheels.example.org"])
actions = st.sampled_from(["add", "change", "keep"])
sizes = st.integers(0, 2**40)
paths = st.sampled_from(
    ["requirements.txt", "a b/c.txt", ".", "./pkg", "pkg/", "données/é.txt", "1", "yes", "..a", "a..b"]
)
file_names = st.sampled_from(["numpy-1.0-py3-none-any.whl", "1.tar.gz", "a+b!c.conda", "é.zip"])


def tuples(of: st.SearchStrategy[str], *, max_size: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(of, max_size=max_size).map(tuple)


_conda_packages = st.builds(
    CondaPackage,
    name=texts,
    version=texts,
    build=st.just("") | texts,
    channel=st.sampled_from(["", "defaults", "./channel", "https://channels.example.org/main"]),
    subdir=st.sampled_from(["", "linux-64", "noarch"]),
    file=st.just("") | file_names,
    sha256=st.just("") | hashes,
    md5=st.sampled_from(["", "0" * 32, "a" * 32]),
    size=sizes,
    action=actions,
    replaces=st.lists(st.builds(Replaced, manager=st.sampled_from(["conda", "pip"]), version=texts), max_size=2).map(
        tuple
    ),
    by=tuples(texts),
    distributions=st.lists(
        st.builds(Pin, name=texts.filter(lambda text: "=" not in text), version=texts), max_size=3
    ).map(tuple),
)
_sources = st.one_of(
    st.builds(FromIndex, alias=aliases),
    st.builds(FromUrl, url=st.just("https://example.org/a.zip#egg=a"), subdirectory=st.just("") | paths),
    st.builds(
        FromGit,
        url=st.sampled_from(["https://git.example.org/a.git", "ssh://git@git.example.org/a.git"]),
        commit=st.sampled_from(["0" * 40, "e" * 64]),
        reference=st.just("") | texts,
        subdirectory=st.just("") | paths,
        editable=st.booleans(),
    ),
    st.builds(FromDirectory, path=paths, editable=st.booleans()),
    st.builds(FromArchive, path=paths, subdirectory=st.just("") | paths),
)
_pip_packages = st.builds(
    PipPackage,
    name=texts,
    version=texts,
    action=actions,
    replaces=st.just(()) | texts.map(lambda version: (Replaced("pip", version),)),
    by=tuples(texts),
    source=st.none() | _sources,
    file=st.just("") | file_names,
    sha256=st.just("") | hashes,
    size=sizes,
    yanked=st.booleans(),
)
_added = _pip_packages.map(lambda package: PipPackage(package.name, package.version, sha256=package.sha256))


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
            st.builds(BuildRequirement, package=_added, needed_by=tuples(texts)),
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
    resolvers=_distinct(st.builds(Resolver, name=texts, version=texts), lambda resolver: resolver.name),
    pre_installed=_distinct(
        st.builds(PreInstalled, manager=st.sampled_from(["conda", "pip"]), name=texts, version=texts),
        lambda package: (package.manager, package.name),
    ),
    steps=st.lists(_steps, max_size=3).map(tuple),
    credentials=st.lists(
        st.builds(Credentials, supplied_by=_suppliers, index=aliases)
        | st.builds(Credentials, supplied_by=_suppliers, package=texts),
        max_size=2,
    ).map(tuple),
    pip_config=st.sampled_from([(), ("index-url",), ("extra-index-url", "find-links")]),
)


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
        resolvers=(Resolver("pip", "26.3"),),
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
