# Sourced by ./run and ./test: makes .venv beside this file and fills it from a hash-pinned lock.
# $root is the folder of this file.

export PIP_DISABLE_PIP_VERSION_CHECK=1

stop() {
    echo "$1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null && sudo "$@"
    fi
}

# Install packages where that is the system's way; elsewhere fail, for the caller to say what to do.
from_debian() {
    command -v apt-get >/dev/null || return 1
    echo "Installing $* from Debian …" >&2
    if ! said=$(as_root apt-get update -q 2>&1 && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@" 2>&1); then
        echo "$said" >&2
        return 1
    fi
}

find_python() {
    python=${PYTHON:-python3}
    command -v "$python" >/dev/null || from_debian python3 python3-venv ||
        stop "Please install Python 3.11 or newer, with its venv module."
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "Liaise needs Python 3.11 or newer; $("$python" --version) is older. PYTHON=… names another."
    "$python" -c 'import ensurepip' 2>/dev/null || from_debian python3-venv ||
        stop "Please install Python's venv module (on Debian and Ubuntu: apt install python3-venv)."
}

# ensure_env LOCK: after this .venv has exactly what the lock says. Does nothing if it has already.
ensure_env() {
    stamp="$root/.venv/.filled"
    filled="$1 $(cat "$root/requirements-setup.txt" "$root/$1" | cksum) $root"
    if [ -f "$stamp" ] && grep -qxF "$filled" "$stamp" && "$root/.venv/bin/python" -c ''; then
        return
    fi
    find_python
    echo "Setting up Liaise in $root/.venv …" >&2
    rm -f "$stamp"
    # An environment that was moved or half made is made again.
    if ! "$root/.venv/bin/python" -m pip --version >/dev/null 2>&1 ||
        [ "$(cat "$root/.venv/.place" 2>/dev/null)" != "$root" ]; then
        rm -rf "$root/.venv"
        "$python" -m venv "$root/.venv"
        echo "$root" >"$root/.venv/.place"
    fi
    "$root/.venv/bin/python" -m pip install -q --require-hashes -r "$root/requirements-setup.txt"
    if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
        export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" # an office's own certificates count
    fi
    "$root/.venv/bin/uv" pip sync -q --require-hashes --python "$root/.venv/bin/python" "$root/$1"
    echo "$filled" >"$stamp"
    if [ "$1" != requirements.txt ]; then
        # What the tests need includes what Liaise runs on, so ./run has nothing to add.
        filled="requirements.txt $(cat "$root/requirements-setup.txt" "$root/requirements.txt" | cksum) $root"
        echo "$filled" >>"$stamp"
    fi
}

# Compile the locks anew from their .in files; packages already locked keep their versions unless
# told otherwise: ./run lock --upgrade-package flask
lock() {
    ensure_env requirements.txt
    cd "$root"
    for name in requirements-setup requirements requirements-dev; do
        # The tests may talk to the network (pip-audit); what Liaise runs on brings no web client.
        without=excludes.txt
        [ "$name" != requirements ] || without=excludes-runtime.txt
        "$root/.venv/bin/uv" pip compile -q --universal --python-version 3.11 --generate-hashes \
            --excludes "$without" --custom-compile-command "./run lock" \
            --output-file "$name.txt" "$@" "$name.in"
    done
}

find_chromium() {
    for name in chromium-headless-shell chromium google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if [ -z "${CHROMIUM:-}" ] && command -v "$name" >/dev/null; then
            CHROMIUM=$(command -v "$name")
        fi
    done
    if [ -z "${CHROMIUM:-}" ]; then
        from_debian chromium-headless-shell ||
            stop "Please install Chromium for the browser tests, or name one with CHROMIUM=/path/to/it."
        CHROMIUM=$(command -v chromium-headless-shell)
    fi
    export CHROMIUM
    # Playwright drives it by a program that wants this library, which a bare Debian lacks.
    "$root"/.venv/lib/python3*/site-packages/playwright/driver/node --version >/dev/null 2>&1 ||
        from_debian libatomic1 || stop "Please install libatomic, which Playwright needs."
}
