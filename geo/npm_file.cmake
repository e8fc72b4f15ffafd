# chiploc_npm_file(OUT PACKAGE FILE): the one package of this folder's package.json, fetched in the build folder; OUT becomes
# the path of FILE in it, OUT_version its version.
#
# The source tree stays clean, since npm works on copies. The lock file names no addresses: the package comes from
# whichever registry npm is set up to use, and its contents are checked against the lock's digest.
find_program(CHIPLOC_NPM npm REQUIRED)
function(chiploc_npm_file out package file)
  file(READ package.json manifest)
  string(JSON version GET "${manifest}" dependencies ${package})
  set(path ${CMAKE_CURRENT_BINARY_DIR}/node_modules/${package}/${file})
  add_custom_command(
    OUTPUT ${path}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_SOURCE_DIR}/package.json
            ${CMAKE_CURRENT_SOURCE_DIR}/package-lock.json ${CMAKE_CURRENT_BINARY_DIR}
    COMMAND ${CHIPLOC_NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    # npm keeps the package's own file times, which are years old: without this the step would run in every build.
    COMMAND ${CMAKE_COMMAND} -E touch ${path}
    DEPENDS package.json package-lock.json
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
    COMMENT "Fetching ${package} ${version} with npm"
    VERBATIM)
  set(${out} ${path} PARENT_SCOPE)
  set(${out}_version ${version} PARENT_SCOPE)
endfunction()
