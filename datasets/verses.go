package datasets

import (
	"bufio"
	"bytes"
	"context"
	_ "embed" // the sonnets
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/rng"
)

// sonnets are Shakespeare's 154 sonnets of 1609 in modern spelling, a verse a line.
//
//go:embed verses/sonnets.txt
var sonnets []byte

// Verses is the lines of Shakespeare's sonnets, word by word: a corpus small enough to live in the program, for the sentence models [bowman2016]. Words that are rarer
// than the parameter common become <unk>; a verse ends with <end>, which fills the rest of its row. Equal verses count once.
type Verses struct{}

var _ Dataset = Verses{}

func corpusParams() []Param {
	return []Param{
		{"length", 12, 2, 32, true, "tokens of a row; longer lines are left out"},
		{"common", 2, 1, 1000, true, "occurrences a word needs to be in the vocabulary"},
		{"vocabulary", 10_000, 3, 100_000, true, "most tokens, <end> and <unk> among them; the most frequent words stay"},
	}
}

// Info describes the set.
func (Verses) Info() Info {
	return Info{
		ID: "verses", Title: "lines of Shakespeare's sonnets, word by word", Kind: Sequences, Shape: []int{12},
		License: "W. Shakespeare, Sonnets, 1609, in modern spelling: public domain", Params: corpusParams(), Sizes: Sizes{1700, 200, 200},
	}
}

// Load shares the lines among the splits by a permutation of the seed.
func (Verses) Load(ctx context.Context, o Options) (*Set, error) {
	info := Verses{}.Info()
	n, err := sizes(info, o)
	if err != nil {
		return nil, err
	}
	o.Train, o.Test, o.Hold = n.Train, n.Test, n.Hold
	return loadCorpus(ctx, info, o, sonnets, "the embedded sonnets")
}

// Text is a file of the user's: one sentence a line, in UTF-8.
type Text struct{}

var _ Dataset = Text{}

// textFile is what Text reads.
const textFile = "sentences.txt"

// Info describes the set.
func (Text) Info() Info {
	return Info{
		ID: "text", Title: "sentences of a text file, word by word", Kind: Sequences,
		Files: textFile + ": one sentence a line, UTF-8", License: "that of the file", Params: corpusParams(),
	}
}

// Load reads the file; a tenth of the lines is for testing unless the options say otherwise.
func (Text) Load(ctx context.Context, o Options) (*Set, error) {
	info := Text{}.Info()
	dir, err := dataDir(info.ID, o)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, textFile)
	b, err := inputfile.Read(path, maxFile)
	if err != nil {
		return nil, missing("%s: %s: %v: it should hold one sentence a line", info.ID, path, reason(err))
	}
	return loadCorpus(ctx, info, o, b, path)
}

// corpus is the lines of a text, cut into words.
type corpus struct {
	lines [][]string
	long  int // lines left out for their length
}

// readCorpus cuts a text. Errors name the file and the line.
func readCorpus(ctx context.Context, id, path string, text []byte, length int) (corpus, error) {
	var c corpus
	seen := map[string]bool{}
	in := bufio.NewScanner(bytes.NewReader(text))
	in.Buffer(nil, 1<<20)
	at := 0
	for in.Scan() {
		at++
		if err := ctx.Err(); err != nil {
			return c, err
		}
		if !validText(in.Bytes()) {
			return c, corrupt("%s: %s, line %d: not text in UTF-8: save the file as UTF-8", id, path, at)
		}
		words := cutWords(in.Text())
		key := strings.Join(words, " ")
		switch {
		case len(words) == 0 || seen[key]:
		case len(words) > length:
			c.long++
		default:
			seen[key] = true
			c.lines = append(c.lines, words)
		}
	}
	if in.Err() != nil {
		return c, corrupt("%s: %s, line %d: %v: want one sentence a line", id, path, at+1, in.Err())
	}
	if len(c.lines) == 0 {
		return c, corrupt("%s: %s: no line of at most %d words: raise length, or put one sentence on a line", id, path, length)
	}
	return c, nil
}

func validText(b []byte) bool {
	return bytes.IndexByte(b, 0) < 0 && len(bytes.ToValidUTF8(b, nil)) == len(b)
}

func loadCorpus(ctx context.Context, info Info, o Options, text []byte, path string) (*Set, error) {
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	length := int(p["length"])
	c, err := readCorpus(ctx, info.ID, path, text, length)
	if err != nil {
		return nil, err
	}
	parts, err := c.split(info.ID, o)
	if err != nil {
		return nil, err
	}
	info.Shape = []int{length}
	set := &Set{Info: info, Vocabulary: c.vocabulary(int(p["common"]), int(p["vocabulary"]))}
	if c.long > 0 {
		set.Warnings = append(set.Warnings, fmt.Sprintf("%d lines of more than %d words are left out", c.long, length))
	}
	for i, to := range []**Samples{&set.Train, &set.Test, &set.Hold} {
		data := c.rows(parts[i], set.Vocabulary, length)
		if *to, err = NewSamples(info.Shape, data, nil); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// split shares the lines out: test and hold-out first, so that a shorter training split is the beginning of a longer one and changes neither of them.
func (c corpus) split(id string, o Options) ([3][]int, error) {
	n := len(c.lines)
	if err := notNegative(id, o); err != nil {
		return [3][]int{}, err
	}
	if o.Test == 0 {
		o.Test = n / 10
	}
	if o.Test > n || o.Hold > n-o.Test || o.Train > n-o.Test-o.Hold || o.Test+o.Hold == n {
		return [3][]int{}, refuse("%s: %d lines for training, %d for testing and %d held out were asked for, there are %d: ask for fewer", id, o.Train, o.Test, o.Hold, n)
	}
	perm := rng.Stream(o.Seed, "dataset", id, "split").Perm(n)
	test, rest := perm[:o.Test], perm[o.Test:]
	hold, train := rest[:o.Hold], rest[o.Hold:]
	if o.Train > 0 {
		train = train[:o.Train]
	}
	return [3][]int{train, test, hold}, nil
}

// vocabulary is <end>, <unk> and the common words, the most frequent first. All lines count, so that a word has the same token in every split of the corpus.
func (c corpus) vocabulary(common, most int) *Vocabulary {
	count := map[string]int{}
	for _, line := range c.lines {
		for _, w := range line {
			count[w]++
		}
	}
	var words []string
	for w, n := range count {
		if n >= common {
			words = append(words, w)
		}
	}
	slices.SortFunc(words, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	words = append([]string{"<end>", "<unk>"}, words[:min(len(words), most-2)]...)
	return &Vocabulary{Size: len(words), Words: words, End: 0, Unknown: 1}
}

// rows encodes lines.
func (c corpus) rows(index []int, v *Vocabulary, length int) []float32 {
	token := map[string]float32{}
	for t, w := range v.Words {
		token[w] = float32(t)
	}
	var data []float32
	for _, i := range index {
		for _, w := range c.lines[i] {
			t, ok := token[w]
			if !ok {
				t = float32(v.Unknown)
			}
			data = append(data, t)
		}
		for range length - len(c.lines[i]) {
			data = append(data, float32(v.End))
		}
	}
	return data
}
