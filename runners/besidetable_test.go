package runners

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func saveText(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Rows go to their samples by the whole name, else by the name without folders where that is another for each. The samples are cat/1 to cat/4 and dog/5 to dog/8.
func TestTablesAreJoinedByTheLastPart(t *testing.T) {
	place, _ := classed(t)
	whole := "name,label\ndog/8.png,8\ndog/7.png,7\ndog/6.png,6\ndog/5.png,5\ncat/4.png,4\ncat/3.png,3\ncat/2.png,2\ncat/1.png,1\n"
	base := strings.NewReplacer("cat/", "", "dog/", "").Replace(whole)
	for _, tt := range []struct{ name, rows, want string }{
		{"whole", whole, ""},
		{"base", base, ""},
		{"other folders", strings.NewReplacer("cat/", "old/", "dog/", `C:\new\`).Replace(whole), ""},
		{"one more", base + "9.png,9\n", `no row is called "cat/1.png"`},
		{"ambiguous", strings.Replace(base, "1.png", "x/2.png", 1) + "1.png,0\n", `without folders "2.png" is more than one: name each row by the path of its sample`},
		{"one less", strings.Replace(whole, "cat/1.png,1\n", "", 1), `no row is called "cat/1.png"`},
	} {
		side := openSide(t, place)
		got, err := side.ReadLabels(saveText(t, filepath.Join(t.TempDir(), "rows.csv"), tt.rows))
		if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if err == nil && !slices.Equal(got, []int{1, 2, 3, 4, 5, 6, 7, 8}) {
			t.Errorf("%s: %v", tt.name, got)
		}
		if said := strings.Contains(strings.Join(side.Warnings, " "), "without folders"); err == nil && said != (tt.name != "whole") {
			t.Errorf("%s: %v", tt.name, side.Warnings)
		}
	}
}

// Of samples that were taken out of a place, the rows of the others are left alone.
func TestTablesOfMoreThanWasTaken(t *testing.T) {
	place, _ := classed(t)
	side := openSide(t, place)
	if err := side.Take(3, 5); err != nil {
		t.Fatal(err)
	}
	rows, want := "name,label\n", []int(nil)
	for k := 8; k > 0; k-- {
		rows += fmt.Sprintf("%d.png,%d\n", k, k)
	}
	for _, it := range side.Source.Items {
		want = append(want, int(it.Name[len("cat/")]-'0'))
	}
	if got, err := side.ReadLabels(saveText(t, filepath.Join(t.TempDir(), "rows.csv"), rows)); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
}

// Rows of an image that cannot be used go with it: the value is that of the set without the image.
func TestTablesBesideUnusableImages(t *testing.T) {
	real, fake := classed(t)
	score := func(rows string) (float64, error) {
		q := ScoreRequest{Real: openSide(t, real), Fake: openSide(t, fake), Featurizer: "pixels", Metrics: []string{"fd_class"}, Feeding: Feeding{Skip: true}}
		var err error
		path := saveText(t, filepath.Join(t.TempDir(), "rows.csv"), rows)
		if q.FakeLabels, err = q.Fake.ReadLabels(path); err != nil {
			t.Fatal(err)
		}
		q.RealLabels = []int{0, 0, 0, 0, 1, 1, 1, 1}
		res, err := Score(t.Context(), DefaultKit(), q)
		if err != nil {
			return 0, err
		}
		return res.Records[0].Value, nil
	}
	saveText(t, filepath.Join(fake, "cat", "2.png"), "no image")
	rows := "name,label\n8.png,1\n7.png,0\n6.png,1\n5.png,0\n4.png,1\n3.png,0\n2.png,1\n1.png,0\n"
	got, err := score(rows)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(fake, "cat", "2.png")); err != nil {
		t.Fatal(err)
	}
	want, err := score(strings.Replace(rows, "2.png,1\n", "", 1))
	if err != nil || got != want || want == 0 {
		t.Errorf("%v, want %v (%v)", got, want, err)
	}
}
