# chiploc_npm_files(OUT PACKAGE FILE [OUT PACKAGE FILE]...): packages of this folder's package.json, fetched in the build
# folder; each OUT becomes the path of FILE in its PACKAGE, OUT_version the package's version.
#
# The source tree stays clean, since npm works on copies. The lock file names no addresses: the packages come from
# whichever registry npm is set up to use, and their contents are checked against the lock's digests.
find_program(CHIPLOC_NPM npm REQUIRED)
function(chiploc_npm_files)
  file(READ package.json manifest)
  set(paths)
  set(packages)
  while(ARGN)
    list(POP_FRONT ARGN out package file)
    string(JSON version GET "${manifest}" dependencies ${package})
    set(path ${CMAKE_CURRENT_BINARY_DIR}/node_modules/${package}/${file})
    list(APPEND paths ${path})
    list(APPEND packages "${package} ${version}")
    set(${out} ${path} PARENT_SCOPE)
    set(${out}_version ${version} PARENT_SCOPE)
  endwhile()
  list(JOIN packages ", " packages)
  add_custom_command(
    OUTPUT ${paths}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_SOURCE_DIR}/package.json
            ${CMAKE_CURRENT_SOURCE_DIR}/package-lock.json ${CMAKE_CURRENT_BINARY_DIR}
    COMMAND ${CHIPLOC_NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    # npm keeps the packages' own file times, which are years old: without this the step would run in every build.
    COMMAND ${CMAKE_COMMAND} -E touch ${paths}
    DEPENDS package.json package-lock.json
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
    COMMENT "Fetching ${packages} with npm"
    VERBATIM)
endfunction()
