#include "program/program.hpp"
#include "sd-connect/sd_connect.hpp"

int main(int argc, char** argv) { return sdconnect::cli::run_program(sdconnect::cli::sd_connect(), argc, argv); }
