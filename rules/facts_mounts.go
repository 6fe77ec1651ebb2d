package rules

import (
	"path"
	"slices"
	"strings"

	"dbtriage/analyzers"
)

// writtenSettings are the settings of a server that name where it writes: folders, files, or several with
// a colon between them.
var writtenSettings = []string{"datadir", "tmpdir", "innodb_tmpdir", "innodb_data_home_dir", "innodb_log_group_home_dir", "innodb_undo_directory", "log_bin_basename", "relay_log_basename",
	"slow_query_log_file", "general_log_file", "log_error", "slave_load_tmpdir", "replica_load_tmpdir"}

// usualPlaces are where web servers, applications and databases write unless they are told otherwise.
var usualPlaces = []string{"/var/log", "/var/lib", "/tmp", "/var/lib/mysql", "/var/log/mysql", "/var/log/nginx"}

// mountFacts says of each file system whether something that is judged writes there. One that holds none
// of it may be full for years, and nobody waits for it.
func mountFacts(mounts []subjectFacts, s *analyzers.Snapshot) {
	places := slices.Clone(usualPlaces)
	for _, name := range writtenSettings {
		for _, place := range strings.Split(s.Settings[name], ":") {
			if place != "" && place[0] != '/' {
				place = path.Join(s.Settings["datadir"], place)
			}
			places = append(places, place)
		}
	}
	for _, src := range s.Sources {
		places = append(places, src.Path)
	}
	holds := map[string]bool{}
	for _, place := range places {
		best := ""
		for _, m := range mounts {
			if point := m.subject.ID; len(point) > len(best) && within(point, place) {
				best = point
			}
		}
		holds[best] = true
	}
	for _, m := range mounts {
		// sar names some file systems by their device: what they hold is not known, and they are real ones.
		m.facts["mount_written"] = holds[m.subject.ID] || strings.HasPrefix(m.subject.ID, "/dev/") || !strings.HasPrefix(m.subject.ID, "/")
	}
}

// within reports whether a place lies in a folder.
func within(folder, place string) bool {
	folder = strings.TrimSuffix(folder, "/")
	return strings.HasPrefix(place, "/") && (place == folder || strings.HasPrefix(place, folder+"/"))
}
