"""The program loads libraries of the system and of its own installation, never of the current
folder.

The tree under test is the build tree in BUILD; a second tree, with shared libraries, takes its
objects from it.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["BUILD"])
SOURCE = pathlib.Path(os.environ["PROJECT_SOURCE_DIR"])

# Replaces the compiler: the objects of a static build are position independent, as a shared library
# needs.
COPY_OBJECT = """#!/bin/sh
while [ "$1" != -o ]; do shift; done
exec cp "$BUILD/$2" "$2"
"""


def need(*command, **options):
    """Returns the output of a command that must succeed."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return done.stdout


def loaded(program, current, **environment):
    """Returns {name: file} of the libraries that the loader takes when `program` starts in the
    folder `current`."""
    # Does what ldd does, without its shell.
    listed = need(program, cwd=current, env={"LD_TRACE_LOADED_OBJECTS": "1", **environment})
    return dict(re.findall(r"^\s*(\S+) => (\S+)", listed, re.M))


def search_paths(file):
    """Returns the elements of RPATH and RUNPATH of an ELF file."""
    dynamic = need("readelf", "--dynamic", "--wide", file)
    return [element for value in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic) for element in value.split(":")]


def is_program_or_library(file):
    if file.is_symlink() or not os.access(file, os.X_OK):
        return False
    with file.open("rb") as opened:
        return opened.read(4) == b"\x7fELF"


class LoadingTest(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="loading-"))
        self.addCleanup(shutil.rmtree, self.scratch)
        self.empty = self.scratch / "empty"
        self.empty.mkdir()
        self.plant = self.scratch / "plant.so"
        need("cc", "-shared", "-x", "c", "/dev/null", "-o", self.plant)

    def expect_loads_no_plant(self, program, folder):
        """`program` works, whether it starts in `folder`, which contains the planted libraries, or
        elsewhere."""
        for name, file in loaded(program, self.empty).items():
            if file.startswith(("/lib", "/usr/lib")):
                shutil.copy(self.plant, folder / name)
        self.assertGreater(len(list(folder.glob("*.so*"))), 3)
        self.assertIn(str(folder), str(loaded(program, self.empty, LD_LIBRARY_PATH=str(folder))), "plants are no plants")
        usual = loaded(program, self.empty)
        self.assertEqual([file for file in usual.values() if pathlib.Path(file).parent.resolve() == folder], [])
        self.assertEqual(loaded(program, folder), usual)
        self.assertTrue(need(program, "--version", cwd=folder).startswith("sd-connect "))

    def expect_is_safe(self, build, installed_paths):
        """Tests the same for the built program and the installed one, whose search paths are
        `installed_paths`."""
        self.assertEqual(search_paths(build / "bin/sd-connect"), installed_paths)
        # A copy: other tests run the program meanwhile.
        copy = self.scratch / "copy"
        for file in (build / "bin/sd-connect", *build.rglob("libsdconnect.so*")):
            (copy / file.relative_to(build)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy / file.relative_to(build), follow_symlinks=False)
        self.expect_loads_no_plant(copy / "bin/sd-connect", copy / "bin")

        for file in build.rglob("*"):
            if file.is_file() and is_program_or_library(file):
                self.assertNotIn("", search_paths(file), file)

        first, prefix = self.scratch / "first", self.scratch / "prefix"
        need("cmake", "--install", build, "--prefix", first)
        # Moved once: nothing may depend on the prefix of the installation.
        first.rename(prefix)
        installed = prefix / "bin/sd-connect"
        self.assertEqual(search_paths(installed), installed_paths)
        for library in prefix.rglob("libsdconnect.so.*"):
            self.assertEqual(search_paths(library), [])
        self.expect_loads_no_plant(installed, installed.parent)
        if installed_paths:
            ours = [file for name, file in loaded(installed, self.empty).items() if name.startswith("libsdconnect.so")]
            self.assertEqual([pathlib.Path(file).resolve().is_relative_to(prefix) for file in ours], [True])

    def test_a_static_build(self):
        """[fault-O1] No RUNPATH at all: an empty element of one is the current folder."""
        self.assertEqual(list(BUILD.rglob("libsdconnect.so*")), [], "this build is not static")
        self.expect_is_safe(BUILD, [])

    def shared(self, library_folder):
        launcher = self.scratch / "copy_object"
        launcher.write_text(COPY_OBJECT)
        launcher.chmod(0o755)
        known = dict(re.findall(r"^([A-Z_]+):[A-Z]+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M))
        build = self.scratch / "shared"
        need("cmake", "-G", "Ninja", "-S", SOURCE, "-B", build, "-D", "BUILD_SHARED_LIBS=ON",
             "-D", f"CMAKE_INSTALL_LIBDIR={library_folder}", "-D", f"CMAKE_CXX_COMPILER_LAUNCHER={launcher}",
             "-D", "SDCONNECT_TESTS=OFF", "-D", "SDCONNECT_EXAMPLES=OFF",
             *(f"-D{name}={known[name]}" for name in ("CMAKE_CXX_COMPILER", "CMAKE_BUILD_TYPE", "SDCONNECT_UNITY")))
        need("cmake", "--build", build, env={**os.environ, "BUILD": str(BUILD)})
        self.expect_is_safe(build, [f"$ORIGIN/../{library_folder}"])

    def test_a_shared_build(self):
        """[fault-O1] The program finds the library next to it and searches nowhere else."""
        self.shared("lib")

    def test_a_shared_build_for_debian(self):
        """[fault-O1] The same where the folder of libraries is lib/x86_64-linux-gnu."""
        self.shared("lib/x86_64-linux-gnu")


if __name__ == "__main__":
    unittest.main()
