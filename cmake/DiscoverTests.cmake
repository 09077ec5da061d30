# discover_tests(target): one ctest entry per Catch2 test case, listed by the program itself after it was linked.
# Catch2's own catch_discover_tests splits names at semicolons and brackets.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  function(discover_tests target)
    set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}_list.cmake)
    set(include ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake)
    add_custom_command(TARGET ${target} POST_BUILD
      BYPRODUCTS ${list}
      COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${target}> -D PREFIX=${SDCONNECT_TEST_PREFIX}
              -D OUTPUT=${list} -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
      VERBATIM)
    file(WRITE ${include}
      "if(EXISTS [==[${list}]==])\n  include([==[${list}]==])\n"
      "else()\n  add_test([==[${SDCONNECT_TEST_PREFIX}${target}_NOT_BUILT]==] ${target}_NOT_BUILT)\nendif()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include})
  endfunction()
  return()
endif()

# Catch2 2.x returns the number of test cases here; a crash gives a text instead of a number.
execute_process(COMMAND ${PROGRAM} --list-test-names-only OUTPUT_VARIABLE names RESULT_VARIABLE status)
if(NOT status MATCHES "^[0-9]+$" OR (status GREATER 0 AND names STREQUAL ""))
  message(FATAL_ERROR "${PROGRAM} --list-test-names-only: ${status}")
endif()

# In a list these would split or join elements: they travel as control characters.
string(ASCII 1 semicolon)
string(ASCII 2 open)
string(ASCII 3 close)
string(ASCII 4 backslash)
string(REPLACE ";" "${semicolon}" names "${names}")
string(REPLACE "[" "${open}" names "${names}")
string(REPLACE "]" "${close}" names "${names}")
string(REPLACE "\\" "${backslash}" names "${names}")
string(REPLACE "\n" ";" names "${names}")

set(script "")
foreach(name IN LISTS names)
  if(name STREQUAL "")
    continue()
  endif()
  string(REPLACE "${semicolon}" ";" name "${name}")
  string(REPLACE "${open}" "[" name "${name}")
  string(REPLACE "${close}" "]" name "${name}")
  string(REPLACE "${backslash}" "\\" name "${name}")
  string(REGEX REPLACE "([][,\"\\\\])" "\\\\\\1" spec "${name}") # the characters of Catch2's own filter language
  set(test "[==[${PREFIX}${name}]==]")
  string(APPEND script
    "add_test(${test} [==[${PROGRAM}]==] [==[${spec}]==] --warn NoTests)\n"
    "set_tests_properties(${test} PROPERTIES TIMEOUT 120)\n")
endforeach()
file(WRITE ${OUTPUT} "${script}")
