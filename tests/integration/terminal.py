"""A shell in a pseudo-terminal, driven by keys."""
import os
import pty
import re
import select
import signal
import time

import loopback

TAB, SHOW, CLEAR = b"\t", b"\x07", b"\x15"
# ^G prints the line that is being edited, and nothing else reads it.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             "PS1='> '; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'\n"
             "bind -x '\"\\C-g\": printf \"LINE<%s>END\\n\" \"$READLINE_LINE\"'\n"),
    "zsh": (["zsh", "-f", "-i"],
            "PROMPT='> '; unsetopt zle_bracketed_paste prompt_sp; zstyle ':completion:*' rehash true\n"
            "autoload -U compinit; compinit -u -D\n"
            "show() { print -rn -- \"LINE<$BUFFER>END\" }; zle -N show; bindkey '^G' show; bindkey '^U' kill-whole-line\n"),
    "fish": (["fish", "--no-config", "-i"],
             "function fish_prompt; echo '> '; end; set -g fish_autosuggestion_enabled 0\n"
             "bind \\cg 'echo \"LINE<\"(commandline)\">END\"'; bind \\cu 'commandline -r \"\"'\n"),
}
COLOURS = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r")


class Terminal:
    def __init__(self, shell, environment, folder, setup):
        argv, begin = SHELLS[shell]
        self.seen = b""
        self.process_id, self.descriptor = pty.fork()
        if self.process_id == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, environment | {"TERM": "vt100", "COLUMNS": "200", "LINES": "50"})
        ready = folder / f"setup.{shell}"
        ready.write_text(begin + setup + "\nprintf 'RE%s\\n' ADY\n")
        self.send(f"source {ready}\n".encode())
        self.read_until(rb"READY")

    def close(self):
        os.kill(self.process_id, signal.SIGKILL)
        os.waitpid(self.process_id, 0)
        os.close(self.descriptor)

    def send(self, keys):
        os.write(self.descriptor, keys)

    def read_until(self, pattern):
        """Returns the match, without the terminal's control sequences. What is behind it is kept."""
        until = time.monotonic() + loopback.PATIENCE
        while True:
            plain = COLOURS.sub(b"", self.seen)
            if found := re.search(pattern, plain, re.S):
                self.seen = plain[found.end():]
                return found
            if not select.select([self.descriptor], [], [], until - time.monotonic())[0]:
                raise TimeoutError(f"{pattern} not seen in {plain!r}")
            self.seen += os.read(self.descriptor, 65536)

    def completed(self, line):
        """Returns what the line becomes by TAB."""
        self.send(line.encode() + TAB + SHOW)
        became = self.read_until(rb"LINE<(.*?)>END")[1].replace(b"\n", b"").decode()
        self.send(CLEAR)
        return became

    def offered(self, line, word):
        """Waits until the list of completions has `word`."""
        self.send(line.encode() + TAB + TAB)
        self.read_until(rb"\b" + re.escape(word.encode()) + rb"\b")
        self.send(CLEAR)
