package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr/vm"
)

func TestMutants(t *testing.T) {
	total, survivors, err := load(t).Mutate()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range survivors {
		t.Error(s)
	}
	t.Logf("%d of %d mutants killed", total-len(survivors), total)
}

// TestMutantsAreSeen checks the checker: a rule whose tests lack the case just below a limit is
// caught.
func TestMutantsAreSeen(t *testing.T) {
	set := load(t)
	r := set.byID["Q08"]
	weak := slices.DeleteFunc(slices.Clone(set.tests["Q08"]), func(c Test) bool { return strings.Contains(c.Name, "small table") })
	if len(weak) == len(set.tests["Q08"]) {
		t.Fatal("no test was taken away")
	}
	if bites(&vm.VM{}, r.with("examined", r.Params["examined"].Value-r.Params["examined"].Step), weak) {
		t.Error("a weak test passes for a strong one")
	}
}
