#!/bin/sh
# @TITLE@
#
# Carries the lockfile out with what the image has: conda 4.7 or later, pip 9 or later, POSIX sh. See --help.
set -eu
umask 022

usage() {
    cat <<'END'
usage: sh @NAME@ [--project DIR] [--prefix DIR] [--from DIR] [--step script|conda|core|pip]... [--check]

  --project DIR  the project; the current directory by default
  --prefix DIR   the environment; by default the active one (CONDA_PREFIX, VIRTUAL_ENV), else that of python on PATH
  --from DIR     take all files from a directory that `cortexlock fetch` filled, and use no network
  --step STEP    carry out this step only; can be repeated
  --check        only compare the environment with the lockfile

exit codes: 0 done, as locked; 1 it differs; 2 wrong usage; 6 a file has other bytes than the locked ones; 7 a step failed
END
}

fail() {
    code=$1
    shift
    printf 'error: %s\n' "$*" >&2
    exit "$code"
}

project=. prefix='' from='' only='' check=''
while [ $# -gt 0 ]; do
    case $1 in
    --project | --prefix | --from | --step)
        [ $# -ge 2 ] || fail 2 "$1 needs a value"
        case $1 in
        --project) project=$2 ;;
        --prefix) prefix=$2 ;;
        --from) from=$2 ;;
        --step)
            case $2 in script | conda | core | pip) only="$only $2" ;; *) fail 2 "--step: there is no step $2" ;; esac
            ;;
        esac
        shift 2
        ;;
    --check) check=yes && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && fail 2 "$1 is no option" ;;
    esac
done

project=$(cd "$project" 2>/dev/null && pwd) || fail 2 "--project: there is no such directory"
if [ -n "$from" ]; then from=$(cd "$from" 2>/dev/null && pwd) || fail 2 "--from: there is no such directory"; fi
if [ -z "$prefix" ]; then prefix=${VIRTUAL_ENV:-${CONDA_PREFIX:-}}; fi
if [ -z "$prefix" ]; then
    prefix=$(python -c 'import sys; print(sys.prefix)' 2>/dev/null) ||
        fail 2 "no environment is active: name one with --prefix"
fi
prefix=$(cd "$prefix" 2>/dev/null && pwd) || fail 2 "--prefix: there is no such directory"
[ -x "$prefix/bin/python" ] || fail 2 "--prefix: there is no bin/python in $prefix"
python=$prefix/bin/python

scratch=$(mktemp -d "${TMPDIR:-/tmp}/cortexlock.XXXXXX") || fail 7 "no directory for temporary files"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# What is taken from the project, and the bytes that this file was made for. One line each: step, sha256, path.
project_files() {
    cat <<'END'
@PROJECT_FILES@
END
}

# What is fetched: step, sha256, path in the directory of --from. One line each.
bundled_files() {
    cat <<'END'
@BUNDLED_FILES@
END
}

# Git repositories: step, sha256 of the tree, commit, directory below that of --from, name, tags. One line each.
repositories() {
    cat <<'END'
@REPOSITORIES@
END
}

sha256_of() {
    if command -v sha256sum >/dev/null 2>&1; then
        set -- "$(sha256sum <"$1")"
    elif command -v shasum >/dev/null 2>&1; then
        set -- "$(shasum -a 256 <"$1")"
    else
        set -- "$(openssl dgst -sha256 -r <"$1")"
    fi
    printf '%s\n' "${1%% *}"
}

# The path of a bundled file: as `cortexlock fetch` has it, or beside all others.
bundled() {
    if [ -f "$from/$1" ]; then printf '%s\n' "$from/$1"; else printf '%s\n' "$from/${1##*/}"; fi
}

check_inputs() {
    if [ -f "$project/@LOCKFILE@" ]; then
        [ "$(sha256_of "$project/@LOCKFILE@")" = "@LOCKFILE_SHA256@" ] ||
            fail 6 "@LOCKFILE@ has other bytes than when this was exported: export anew"
    fi
    project_files | while IFS= read -r line; do
        [ -n "$line" ] || continue
        step=${line%% *} line=${line#* }
        sha256=${line%% *} path=${line#* }
        wanted "$step" || continue
        [ -f "$project/$path" ] || fail 6 "$path is not there"
        [ "$(sha256_of "$project/$path")" = "$sha256" ] || fail 6 "$path has other bytes than when this was exported"
    done || exit $?
    [ -n "$from" ] || return 0
    mkdir "$scratch/files"
    bundled_files | while read -r step sha256 path; do
        [ -n "$path" ] || continue
        wanted "$step" || continue
        file=$(bundled "$path")
        [ -f "$file" ] || fail 6 "${path##*/} is not in $from"
        [ "$(sha256_of "$file")" = "$sha256" ] || fail 6 "$file has other bytes than the locked ones"
        # A copy that nobody writes to: what was verified may change before it is installed.
        cp "$file" "$scratch/files/" || fail 7 "${path##*/} cannot be copied"
        [ "$(sha256_of "$scratch/files/${path##*/}")" = "$sha256" ] || fail 6 "$file has changed"
    done || exit $?
    repositories | while read -r step sha256 commit path name tags; do
        [ -n "$name" ] || continue
        wanted "$step" || continue
        command -v git >/dev/null 2>&1 || fail 2 "$name is from a git repository, and there is no git here"
        [ -d "$from/$path" ] || fail 6 "$path ($name) is not in $from"
        mkdir -p "$scratch/git/$name"
        (cd "$scratch/git/$name" && check_out "$from/$path" "$commit" && tag "$tags") >"$scratch/git.log" 2>&1 || {
            cat "$scratch/git.log" >&2
            fail 6 "$from/$path has not the locked commit of $name"
        }
        [ "$(sha256_of_tree "$scratch/git/$name")" = "$sha256" ] ||
            fail 6 "the commit of $name in $from/$path has other files than the locked ones"
    done || exit $?
}

# git, of which no configuration, hook or variable of anybody's counts, and which asks no network.
git_alone() {
    env -i PATH="$PATH" HOME="$scratch" LC_ALL=C TZ=UTC0 GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1 \
        GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=none GIT_NO_LAZY_FETCH=1 \
        GIT_AUTHOR_NAME=cortexlock GIT_AUTHOR_EMAIL=cortexlock@example.org GIT_AUTHOR_DATE='1577836800 +0000' \
        GIT_COMMITTER_NAME=cortexlock GIT_COMMITTER_EMAIL=cortexlock@example.org \
        GIT_COMMITTER_DATE='1577836800 +0000' \
        git -c core.autocrlf=false -c core.eol=lf -c core.hooksPath=/dev/null -c core.attributesFile=/dev/null \
        -c core.fsmonitor=false -c gc.auto=0 -c maintenance.auto=false "$@"
}

# A repository in the current directory, made of the packs of another one, of which nothing else counts: git names
# objects by their hash. Then a commit, submodules included.
check_out() {
    git_alone init --quiet --template= || return 1
    number=0
    for pack in "$1"/.git/objects/pack/pack-*.pack; do
        [ -f "$pack" ] || continue
        number=$((number + 1))
        cp "$pack" ".git/objects/pack/pack-$number.pack" && git_alone index-pack ".git/objects/pack/pack-$number.pack" ||
            return 1
    done
    git_alone cat-file -e "$2^{commit}" || return 1
    git_alone rev-list --quiet "$2" || printf '%s\n' "$2" >.git/shallow
    git_alone update-ref --no-deref HEAD "$2" && git_alone checkout --quiet --force --detach "$2" || return 1
    git_alone ls-tree -r --full-tree "$2" | while read -r _ kind commit path; do
        if [ "$kind" = commit ] && git_alone cat-file -e "$commit"; then
            (mkdir -p "$path" && cd "$path" && check_out "$1" "$commit") || exit 1
        fi
    done
}

# The tags NAME=COMMIT, annotated ones as NAME^{}=COMMIT.
tag() {
    for each in $1; do
        commit=${each##*=} name=${each%=*}
        git_alone merge-base --is-ancestor "$commit" HEAD || return 1
        case $name in
        *'^{}') git_alone tag -a -m "${name%'^{}'}" "${name%'^{}'}" "$commit" || return 1 ;;
        *) git_alone tag "$name" "$commit" || return 1 ;;
        esac
    done
}

# Of paths, executable bits, contents and targets of links, as lockfiles have it.
sha256_of_tree() {
    "$python" -I - "$1" <<'END'
import hashlib, os, pathlib, sys

root = os.fsencode(sys.argv[1])
found = []
for directory, names, others in os.walk(root):
    names[:] = [name for name in names if name != b".git"]
    links = [name for name in names if os.path.islink(os.path.join(directory, name))]
    found += [os.path.relpath(os.path.join(directory, name), root) for name in others + links if name != b".git"]
digest = hashlib.sha256()
for path in sorted(found):
    file = os.path.join(root, path)
    if os.path.islink(file):
        parts = [b"link", os.fsencode(str(pathlib.PurePosixPath(os.fsdecode(os.readlink(file)))))]
    else:
        with open(file, "rb") as stream:
            content = hashlib.sha256(stream.read()).hexdigest().encode()
        parts = [b"executable" if os.stat(file).st_mode & 0o100 else b"file", content]
    for part in [path] + parts:
        digest.update(len(part).to_bytes(8, "big") + part)
print(digest.hexdigest())
END
}

# An editable checkout stays, where pip would have it.
keep_checkout() {
    mkdir -p "$prefix/src" && rm -rf "$prefix/src/$1" && cp -R "$scratch/git/$1" "$prefix/src/$1"
}

wanted() {
    [ -n "$only" ] || return 0
    case "$only " in *" $1 "*) return 0 ;; esac
    return 1
}

# pip, of the environment. What is bundled comes from there alone, whatever is configured.
pip_install() {
    if [ -n "$from" ]; then
        PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS=''
        export PIP_CONFIG_FILE PIP_FIND_LINKS
        set -- --no-index --find-links "$scratch/files" "$@"
    fi
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$python" -m pip install --no-cache-dir --no-deps "$@"
}

# Where a file is that is named by its URL.
place() {
    if [ -n "$from" ]; then printf 'file://%s\n' "$scratch/files/$1"; else printf '%s\n' "$2"; fi
}

@STEPS@

# What is there afterwards: manager, name, version, and of conda the build. One line each.
packages() {
    cat <<'END'
@PACKAGES@
END
}

compare() {
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$python" -m pip list --format=freeze >"$scratch/list" 2>"$scratch/list.err" || {
        cat "$scratch/list.err" >&2
        fail 7 "pip cannot list what is installed"
    }
    # Names as PEP 503 normalizes them.
    while IFS= read -r line; do
        case $line in *==*) printf '%s==%s\n' "$(printf '%s' "${line%%==*}" | tr 'A-Z_.' 'a-z--' | tr -s -)" "${line#*==}" ;; esac
    done <"$scratch/list" >"$scratch/installed"
    packages | while read -r manager name version build; do
        [ -n "$manager" ] || continue
        if [ "$manager" = conda ]; then
            if [ -n "$build" ]; then
                [ -f "$prefix/conda-meta/$name-$version-$build.json" ] || printf '%s %s %s of conda is not there\n' "$name" "$version" "$build"
            fi
            continue
        fi
        grep -qxF -e "$name==$version" "$scratch/installed" && continue
        found=$(grep -e "^$name==" "$scratch/installed" | head -n 1)
        if [ -n "$found" ]; then
            printf '%s %s is locked, %s is there\n' "$name" "$version" "${found#*==}"
        else
            printf '%s %s is locked and not there\n' "$name" "$version"
        fi
    done >"$scratch/differences"
    if [ -s "$scratch/differences" ]; then
        cat "$scratch/differences" >&2
        fail 1 "$prefix differs from the lockfile"
    fi
    printf '%s: as locked\n' "$prefix"
}

if [ -n "$check" ]; then
    compare
    exit 0
fi
check_inputs
cd "$project"
@CALLS@
if [ -z "$only" ]; then compare; fi
