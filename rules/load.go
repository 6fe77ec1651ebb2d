package rules

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/expr-lang/expr/vm"
	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml
var embedded embed.FS

// A Set is a checked set of rules, in the order of their ids. It is immutable and safe for
// concurrent use.
type Set struct {
	rules   []*compiled
	byID    map[string]*compiled
	calls   []seriesCall // the functions of series and settings that some rule reads
	inForce InForce
	// tested are the rules as their files state them, before overrides; tests belong to these.
	tested []*compiled
	tests  map[string][]Test // by rule, with the group's base folded in
}

// A compiled rule is a Rule with its expressions ready to run.
type compiled struct {
	*Rule
	lets     []*expression
	units    map[string]string // of lets and p.params
	when     []*expression
	unless   []*expression
	severity *expression // nil when constant
	share    *expression // nil when it is the fact "share" or there is none
	span     float64     // seconds of For
	evidence []compiledEvidence
	advice   []compiledAdvice
	params   map[string]any
	inputs   []input  // what its conditions read
	reads    []string // every fact that any of its expressions reads
	gates    []gate
	names    []string // every fact, let and p.param its texts and expressions mention
	except   []exception
}

type compiledEvidence struct{ value, limit, limitIf *expression }

type compiledAdvice struct {
	when   *expression // nil for always
	to     *expression // the value it sets; nil when it names none
	memory *expression // bytes it asks for; nil when it asks for none
}

// A Source is a folder of rules beside those of the program: new ones with their tests, and
// overrides.yaml. Later sources win.
type Source struct {
	Name string // for error messages: the folder as the user named it
	FS   fs.FS
	// builtIn marks the rules of the program, whose tests are run by the program's own.
	builtIn bool
}

// Load reads the rules built into the program and those of further sources, and checks them
// all. It fails closed: the error names file, line, rule and field of everything wrong, and there is no set.
func Load(more ...Source) (*Set, error) {
	return loadFrom(false, append([]Source{{FS: embedded, builtIn: true}}, more...)...)
}

// LoadTested is Load with the tests of the program's own rules too, for Check.
func LoadTested(more ...Source) (*Set, error) {
	return loadFrom(true, append([]Source{{FS: embedded, builtIn: true}}, more...)...)
}

// overridesFile is the one file of a source that changes rules in place of adding some.
const overridesFile = "overrides.yaml"

// A ruleFile is one file of a source, and what came of it.
type ruleFile struct {
	source Source
	name   string
	text   []byte
	// trusted are the rules of the program when it runs: its tests have checked them.
	trusted bool
	decoded decodedFile // of a trusted file, if any
	rules   []*compiled
	errs    []error
}

func (f *ruleFile) isTest() bool { return strings.HasSuffix(f.name, ".test.yaml") }

// where names a line of the file.
func (f *ruleFile) where(line int) string {
	name := path.Base(f.name)
	if f.source.Name != "" {
		name = strings.TrimSuffix(f.source.Name, "/") + "/" + name
	}
	if line > 0 {
		name += ":" + strconv.Itoa(line)
	}
	return name
}

func loadFrom(withTests bool, sources ...Source) (*Set, error) {
	s := &Set{byID: map[string]*compiled{}, tests: map[string][]Test{}}
	var errs []error
	fail := func(err error) { errs = append(errs, err) }
	files, err := readFiles(withTests, sources)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	for _, f := range files {
		errs = append(errs, f.errs...)
		for _, c := range f.rules {
			if s.byID[c.ID] != nil {
				fail(fmt.Errorf("%s: %s: id: this id is already taken", c.Where, c.ID))
				continue
			}
			s.rules = append(s.rules, c)
			s.byID[c.ID] = c
		}
		if f.isTest() {
			s.loadTests(f, fail)
		}
	}
	slices.SortFunc(s.rules, func(a, b *compiled) int { return strings.Compare(a.ID, b.ID) })
	s.tested = slices.Clone(s.rules)
	s.checkAfter(fail)
	for _, r := range s.rules {
		if r.own || withTests {
			s.checkTests(r, fail)
		}
	}
	for id := range s.tests {
		if s.byID[id] == nil {
			fail(fmt.Errorf("tests: %s: no such rule", id))
		}
	}
	for _, f := range files {
		if f.name == overridesFile && len(errs) == 0 {
			s.override(f, fail)
		}
	}
	if len(errs) == 0 {
		s.tryOwn(fail)
	}
	var names []string
	for _, r := range s.rules {
		names = append(names, r.reads...)
	}
	s.calls = callsOf(names)
	s.inForce.sign(files)
	if len(errs) > 0 {
		slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return nil, fmt.Errorf("rules: %w", errors.Join(errs...))
	}
	return s, nil
}

// readFiles reads the files of all sources in order and compiles the rules in them, each file by
// itself on whatever core is free.
func readFiles(withTests bool, sources []Source) ([]*ruleFile, error) {
	var files []*ruleFile
	decoded := map[string]decodedFile{}
	if !withTests {
		var err error
		if decoded, err = decodeRules(decodedText); err != nil {
			return nil, err
		}
	}
	for _, src := range sources {
		names, err := fs.Glob(src.FS, "*.yaml")
		if err != nil {
			return nil, err
		}
		slices.Sort(names)
		for _, name := range names {
			f := &ruleFile{source: src, name: name, trusted: src.builtIn && !withTests}
			if src.builtIn && !withTests && f.isTest() {
				continue
			}
			if f.text, err = fs.ReadFile(src.FS, name); err != nil {
				return nil, err
			}
			if f.trusted {
				f.decoded = decoded[name]
			}
			files = append(files, f)
		}
	}
	var wait sync.WaitGroup
	next := make(chan *ruleFile)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for f := range next {
				f.compile()
			}
		})
	}
	for _, f := range files {
		if !f.isTest() && f.name != overridesFile {
			next <- f
		}
	}
	close(next)
	wait.Wait()
	return files, nil
}

// compile decodes and checks the rules of a file.
func (f *ruleFile) compile() {
	list := f.decoded.Rules
	if f.decoded.Sum != sha256.Sum256(f.text) {
		list = nil
		if err := decode(f.text, &list); err != nil {
			f.errs = append(f.errs, fmt.Errorf("%s: %w", f.where(0), err))
			return
		}
	}
	for _, r := range list {
		r.Where = f.where(0)
		r.own = !f.source.builtIn
		f.rules = append(f.rules, check(r, f.trusted, func(field string, err error) {
			f.errs = append(f.errs, fmt.Errorf("%s: %s: %s: %w", f.where(lineOf(f.text, "id", r.ID, field)), r.ID, field, err))
		}))
	}
}

func (s *Set) loadTests(f *ruleFile, fail func(error)) {
	var groups []TestGroup
	if err := decode(f.text, &groups); err != nil {
		fail(fmt.Errorf("%s: %w", f.where(0), err))
		return
	}
	for _, g := range groups {
		for _, t := range g.Tests {
			given := map[string]any{}
			for _, m := range []map[string]any{g.Base, t.Given} {
				for name, v := range m {
					name, _ = withNames(name)
					given[name] = v
					if v == nil {
						delete(given, name)
					}
				}
			}
			t.Given = given
			s.tests[g.Rule] = append(s.tests[g.Rule], t)
		}
	}
}

// tryOwn runs the tests of rules that are not the program's: one that does not do what its author
// says is refused.
func (s *Set) tryOwn(fail func(error)) {
	m := &vm.VM{}
	for _, r := range s.tested {
		if !r.own {
			continue
		}
		for _, t := range s.tests[r.ID] {
			if f, ok := r.try(m, t); !ok {
				fail(fmt.Errorf("%s: %w", r.Where, f))
			}
		}
	}
}

// lineOf finds where a field of an entry stands in a file: the line of "key: id", then from there the
// lines that name each part of the field in turn. It is as near as it gets: 0 when even the entry is
// not found.
func lineOf(text []byte, key, id, field string) int {
	lines := strings.Split(string(text), "\n")
	entry := regexp.MustCompile(`^[\s{-]*` + key + `:\s*["']?` + regexp.QuoteMeta(id) + `["']?\s*(,|}|#|$)`)
	at := slices.IndexFunc(lines, entry.MatchString)
	if at < 0 {
		return 0
	}
	for part := range strings.SplitSeq(field, ".") {
		for i := at; i < len(lines) && (i == at || !strings.HasPrefix(lines[i], "- ")); i++ {
			if named(lines[i], part) {
				at = i
				break
			}
		}
	}
	return at + 1
}

// named reports whether a line has a word as a key or as the value of id or name.
func named(line, word string) bool {
	for i := strings.Index(line, word); i >= 0; {
		before := i == 0 || strings.ContainsRune(" {-\"'", rune(line[i-1]))
		after := line[i+len(word):]
		if before && (after == "" || strings.ContainsRune(":,}\"' ", rune(after[0]))) {
			return true
		}
		next := strings.Index(line[i+1:], word)
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// decode reads YAML; a field that the type does not have is an error.
func decode(text []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	err := d.Decode(into)
	if err == nil || err == io.EOF { // an empty file holds no rules
		return nil
	}
	said := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n")
	return errors.New(strings.TrimSpace(unknownField.ReplaceAllString(said, `unknown field "$1"`)))
}

var unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)

// checkAfter checks that causes exist and do not explain each other in a circle.
func (s *Set) checkAfter(fail func(error)) {
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(r *compiled) bool
	visit = func(r *compiled) bool {
		state[r.ID] = open
		for _, id := range r.After {
			cause := s.byID[id]
			switch {
			case cause == nil:
				fail(fmt.Errorf("%s: %s: after: no rule %q", r.Where, r.ID, id))
			case state[id] == open || state[id] == 0 && !visit(cause):
				fail(fmt.Errorf("%s: %s: after: %s leads back here", r.Where, r.ID, id))
				state[r.ID] = done
				return true
			}
		}
		state[r.ID] = done
		return true
	}
	for _, r := range s.rules {
		if state[r.ID] == 0 {
			visit(r)
		}
	}
}

// checkTests checks that the tests of a rule show it firing, silent for each unless, and unknown.
func (s *Set) checkTests(r *compiled, fail func(error)) {
	at := func(format string, args ...any) {
		fail(fmt.Errorf("%s: %s: tests: %s", r.Where, r.ID, fmt.Sprintf(format, args...)))
	}
	counts := map[string]int{}
	for _, t := range s.tests[r.ID] {
		counts[t.Expect]++
		counts[t.Expect+" "+t.Why]++
		if t.Expect != "fire" && t.Expect != "not_fire" && t.Expect != "unknown" {
			at("%s: expect is fire, not_fire or unknown", t.Name)
		}
		for name, v := range t.Given {
			f := factOf(r.Each, name)
			if f == nil {
				at("%s: no fact %q", t.Name, name)
			} else if _, err := coerce(f.Type, v); err != nil {
				at("%s: %s: %v", t.Name, name, err)
			}
		}
	}
	for _, expect := range []string{"fire", "not_fire", "unknown"} {
		if counts[expect] == 0 {
			at("none expects %s", expect)
		}
	}
	for _, u := range r.Unless {
		if counts["not_fire "+u.ID] == 0 {
			at("none is silent because of %s", u.ID)
		}
	}
}

// coerce turns a value of a test file into the type of a fact.
func coerce(t factType, v any) (any, error) {
	switch n := v.(type) {
	case uint64:
		v = float64(n)
	case int64:
		v = float64(n)
	case int:
		v = float64(n)
	}
	ok := false
	switch n := v.(type) {
	case float64:
		ok = t == number && !math.IsNaN(n) && !math.IsInf(n, 0)
	case bool:
		ok = t == flag
	case string:
		ok = t == text
	}
	if !ok {
		return nil, fmt.Errorf("%v has the wrong type", v)
	}
	return v, nil
}
