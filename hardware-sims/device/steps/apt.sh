# An apt of its own for ARM64, from the Debian mirror that this machine uses anyway. Sourced by the steps that download.

# debian_mirror RELEASE OTHERWISE: the address of one of Debian's releases in this machine's sources.
debian_mirror() {
  local found
  found=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
    awk -v release="$1" '$1 == release && $2 == "main" { print $3; exit }')
  printf '%s\n' "${found:-$2}"
}

# use_apt FOLDER SUITE: from here on apt-get and apt-cache mean that suite for ARM64.
use_apt() {
  local folder=$1 suite=$2 own main security
  own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  main=$(debian_mirror "$own" http://deb.debian.org/debian)
  security=$(debian_mirror "$own-security" http://deb.debian.org/debian-security)
  mkdir -p "$folder"/{lists/partial,cache/archives/partial}
  : > "$folder/status"
  cat > "$folder/sources" <<END
deb $main $suite main
deb $main $suite-updates main
deb $security $suite-security main
END
  cat > "$folder/conf" <<END
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "$folder";
Dir::State::status "$folder/status";
Dir::State::lists "$folder/lists";
Dir::Cache "$folder/cache";
Dir::Etc::sourcelist "$folder/sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::trustedparts "/usr/share/keyrings";
END
  export APT_CONFIG=$folder/conf
  apt-get -q update
}
