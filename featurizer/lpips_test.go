package featurizer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/numeric/golden"
	"github.com/assay-gan/assay/metrics"
)

// lpipsDigits is what float32 convolutions keep of a distance, beside the authors' package in float64.
const lpipsDigits = 2e-5

// goldenLinear is the linear layers with weights of seeds 50 to 54.
type goldenLinear struct{}

func (goldenLinear) shape(string) []int { return nil }

func (goldenLinear) get(name string, shape ...int) ([]float32, error) {
	var k uint64
	if _, err := fmt.Sscanf(name, "lin%d.", &k); err != nil {
		return nil, fmt.Errorf("no tensor %q", name)
	}
	s, w := golden.New(50+k), make([]float32, shape[1])
	for i := range w {
		w[i] = float32(s.Uniform())
	}
	return w, nil
}

// lpipsPairs are two images of 20 x 24 and the same with a tenth of others mixed in; grey ones are their first channel.
func lpipsPairs(channels int) (a, b *metrics.Images) {
	const n, h, w = 2, 20, 24
	s, x := golden.New(60), make([]float32, 2*n*h*w*3)
	for i := range x {
		x[i] = float32(2*s.Uniform() - 1)
	}
	half := len(x) / 2
	for i := range half {
		x[half+i] = float32(x[i]*float32(.9)) + float32(x[half+i]*float32(.1))
	}
	of := func(v []float32) *metrics.Images {
		m := &metrics.Images{N: n, H: h, W: w, C: channels, Lo: -1, Hi: 1}
		for i, p := range v {
			if i%3 < channels {
				m.Pix = append(m.Pix, p)
			}
		}
		return m
	}
	return of(x[:half]), of(x[half:])
}

// The values are those of the authors' package (lpips 0.1.4, net vgg, version 0.1) in float64 with the synthetic VGG16 of seed 3 and these linear layers.
func TestLPIPSIsThatOfTheAuthors(t *testing.T) {
	_, shapes := vgg16Size.shapes()
	l, err := newLPIPS(randomTensors{3, shapes}, goldenLinear{})
	if err != nil {
		t.Fatal(err)
	}
	for channels, want := range map[int][]float64{3: {0.017433815554814824, 0.01866189230987391}, 1: {0.016270627894124305, 0.02012989558826718}} {
		a, b := lpipsPairs(channels)
		got, err := l.Distances(context.Background(), a, b)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if math.Abs(got[i]-w) > lpipsDigits*w {
				t.Errorf("%d channels, pair %d: %v, want %v (off by %.2g)", channels, i, got[i], w, got[i]/w-1)
			}
		}
		if same, err := l.Distances(context.Background(), a, a); err != nil || same[0] != 0 {
			t.Errorf("an image from itself: %v %v", same, err)
		}
		// Bytes from 0 to 255 are the same images.
		for _, m := range []*metrics.Images{a, b} {
			for i, v := range m.Pix {
				m.Pix[i] = (v + 1) * 127.5
			}
			m.Lo, m.Hi = 0, 255
		}
		if got, err := l.Distances(context.Background(), a, b); err != nil || math.Abs(got[1]-want[1]) > 1e-4*want[1] {
			t.Errorf("as bytes %v, want %v (%v)", got, want, err)
		}
	}
}

func TestLPIPSRefuses(t *testing.T) {
	_, shapes := vgg16Size.shapes()
	l, err := newLPIPS(randomTensors{3, shapes}, goldenLinear{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := lpipsPairs(3)
	small := &metrics.Images{N: 1, H: 8, W: 8, C: 3, Lo: -1, Hi: 1, Pix: make([]float32, 192)}
	for _, pair := range [][2]*metrics.Images{{a, small}, {small, small}} {
		if _, err := l.Distances(context.Background(), pair[0], pair[1]); !errors.Is(err, ErrShape) {
			t.Errorf("%v", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Distances(ctx, a, b); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	gone := filepath.Join(t.TempDir(), "gone.pth")
	if _, err := OpenLPIPS(gone, gone); err == nil || !strings.Contains(err.Error(), "gone.pth") {
		t.Errorf("no file: %v", err)
	}
	if _, err := newLPIPS(randomTensors{3, shapes}, fileTensors{Weights{}, map[string]bool{}}); err == nil || !strings.Contains(err.Error(), "lin0.model.1.weight") {
		t.Errorf("no linear layer: %v", err)
	}
}

// Python 2, which wrote the published linear layers, pickles an OrderedDict with its pairs as a list of lists.
func TestOrderedDictOfPairs(t *testing.T) {
	v, err := unpickle(bufio.NewReader(strings.NewReader("\x80\x02ccollections\nOrderedDict\n]](U\x01aK\x01ea\x85R.")))
	if d, ok := v.(*pyDict); err != nil || !ok || len(d.items) != 2 || d.items[0] != "a" {
		t.Errorf("%#v %v", v, err)
	}
	if _, err = unpickle(bufio.NewReader(strings.NewReader("\x80\x02ccollections\nOrderedDict\n](K\x01K\x02e\x85R."))); !errors.Is(err, ErrWeights) {
		t.Errorf("a list of numbers: %v", err)
	}
}
