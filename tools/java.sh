# To be sourced. find_java sets java (the program), jdk (its folder, empty if
# unknown) and java_version, or says what is missing and ends with exit code 3.
# shellcheck shell=sh disable=SC2034

java_needed=25

find_java() {
  if [ -n "${ALEXNET_JAVA-}" ]; then
    if takes_jdk "$ALEXNET_JAVA" || takes_program "$ALEXNET_JAVA"; then return; fi
    echo "alexnet: ALEXNET_JAVA=$ALEXNET_JAVA is not a Java $java_needed or newer." >&2
    exit 3
  fi
  if [ -n "${JAVA_HOME-}" ] && takes_jdk "$JAVA_HOME"; then return; fi
  if takes_program "$(command -v java)"; then return; fi
  for candidate in /usr/lib/jvm/* "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* \
    "${HOME-}"/.local/share/mise/installs/java/* "${HOME-}"/.asdf/installs/java/* \
    /opt/*jdk* /opt/java/* /usr/java/* /usr/local/*jdk* /usr/local/*java*; do
    if takes_jdk "$candidate"; then return; fi
  done
  cat >&2 <<END
alexnet: Java $java_needed or newer is needed, and none was found (looked at JAVA_HOME, PATH,
/usr/lib/jvm, ~/.sdkman, ~/.jdks, /opt). One of these gets it:
  Debian, Ubuntu   sudo apt install openjdk-$java_needed-jdk    (where the release has it)
  SDKMAN           sdk install java $java_needed-tem
  Adoptium         Eclipse Temurin $java_needed, package temurin-$java_needed-jdk, or its archive unpacked in ~/.jdks
If it is somewhere else, say where: JAVA_HOME=FOLDER or ALEXNET_JAVA=FOLDER.
END
  exit 3
}

# A JDK folder says its version in a file, which costs no process.
takes_jdk() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  java_version=
  while IFS= read -r line; do
    case $line in JAVA_VERSION=\"*) java_version=${line#*\"} && java_version=${java_version%\"*} ;; esac
  done <"$1/release"
  is_new_enough && java=$1/bin/java && jdk=$1
}

# A program: its folder's file if there is one, else it is asked.
takes_program() {
  program=$(readlink -f -- "$1") && [ -x "$program" ] && [ ! -d "$program" ] || return 1
  home_of_program=${program%/bin/java}
  if [ "$home_of_program" != "$program" ] && [ -r "$home_of_program/release" ]; then
    takes_jdk "$home_of_program"
    return
  fi
  java_version=$("$program" -version 2>&1 </dev/null) || return 1
  java_version=${java_version#*version \"}
  java_version=${java_version%%\"*}
  is_new_enough && java=$program && jdk=
}

is_new_enough() {
  case ${java_version%%[!0-9]*} in
    '' | ?????*) return 1 ;;
    *) [ "${java_version%%[!0-9]*}" -ge "$java_needed" ] ;;
  esac
}
