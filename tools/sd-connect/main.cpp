#include "program.hpp"

int main(int argc, char** argv) { return sdconnect::cli::run_program(argc, argv); }
