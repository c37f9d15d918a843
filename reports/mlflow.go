package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/quote"
)

// mlflow writes a file store that MLflow reads (`mlflow ui --backend-store-uri mlruns`, from the folder that holds mlruns): an experiment for the report, and in it a run for each cell with its settings as parameters, scores, training curves and
// monitors as metrics over steps, verdict and origin as tags and pictures as artifacts. Ids are hashes of names, and times the seconds of the run's own clock, from the records: the same records give the same bytes.
func mlflow(r *Report, put func(path string, content []byte) error) error {
	e := experimentID(r.Run.ID)
	err := put(e+"/meta.yaml", yamlText(
		"artifact_location", quoted(mlflowFolder+"/"+e), "creation_time", "0", "experiment_id", quoted(e), "last_update_time", "0", "lifecycle_stage", "active", "name", quoted(cmp.Or(oneLine(r.Title), r.Run.ID))))
	if err != nil {
		return err
	}
	for t, err := range r.trackedRuns() {
		if err != nil {
			return err
		}
		s := storedRun{trackedRun: t, experiment: e, id: hashOf("run", r.Run.ID, t.of.Cell, t.name)[:32], version: t.of.Provenance.Version}
		if err := s.write(put); err != nil {
			return err
		}
	}
	return nil
}

// mlflowFolder is the name that MLflow looks for where nothing else is said. Places of artifacts are stated below it, so that the folder can be moved.
const mlflowFolder = "mlruns"

func hashOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// experimentID is a number of 18 digits, as MLflow makes them.
func experimentID(run string) string {
	v, _ := strconv.ParseUint(hashOf("experiment", run)[:15], 16, 64) // digits
	return fmt.Sprintf("%018d", 100_000_000_000_000_000+v%900_000_000_000_000_000)
}

// quoted is a text as YAML reads it, whatever it holds: strings of JSON are strings of YAML.
func quoted(s string) string {
	b, err := json.Marshal(strings.ToValidUTF8(s, "?"))
	if err != nil {
		panic(err) // a string
	}
	return string(b)
}

// yamlText is a flat mapping of keys and values that stand in it as they are.
func yamlText(pairs ...string) []byte {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "%s: %s\n", pairs[i], pairs[i+1])
	}
	return []byte(b.String())
}

// storedRun is a cell as a run of an experiment.
type storedRun struct {
	*trackedRun
	experiment, id, version string
}

func (s storedRun) write(put func(string, []byte) error) error {
	const finished, failed, local = "3", "4", "4"
	status, dir := finished, s.experiment+"/"+s.id
	if s.failed != "" {
		status = failed
	}
	files := map[string][]byte{"meta.yaml": yamlText(
		"artifact_uri", quoted(mlflowFolder+"/"+dir+"/artifacts"), "end_time", millis(s.wall), "entry_point_name", "''", "experiment_id", quoted(s.experiment), "lifecycle_stage", "active",
		"run_id", quoted(s.id), "run_name", quoted(s.name), "run_uuid", quoted(s.id), "source_name", quoted("assay"), "source_type", local, "source_version", quoted(s.version),
		"start_time", "0", "status", status, "tags", "[]", "user_id", "''")}
	names, settings := usedNames{}, s.settings()
	for _, k := range sortedKeys(settings) {
		files[names.unused("params", k)] = []byte(limited(settings[k]))
	}
	for k, v := range s.tags() {
		files["tags/"+k] = []byte(v)
	}
	for _, x := range s.series {
		group, rest, _ := strings.Cut(x.Name, "/")
		files[names.unused("metrics/"+group, rest)] = s.metric(x)
	}
	files["artifacts/about.md"] = []byte(s.about()) // every run has a folder of artifacts, or MLflow takes it for none
	for _, p := range s.images {
		files["artifacts/"+p.file] = p.png
	}
	for _, name := range sortedKeys(files) {
		if err := put(dir+"/"+name, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// about is what is said of the run in words.
func (s storedRun) about() string {
	var b strings.Builder
	for _, x := range s.texts {
		fmt.Fprintf(&b, "### %s\n\n%s\n", quote.Markdown(x.name), x.markdown)
	}
	return quote.Terminal(b.String())
}

// tags are what MLflow shows beside a run: its name, a description, and where the values come from.
func (s storedRun) tags() map[string]string {
	p := s.of.Provenance
	tags := map[string]string{"mlflow.runName": s.name, "mlflow.note.content": limited(s.about()), "mlflow.source.name": "assay", "mlflow.source.type": "LOCAL",
		"assay.cell": oneLine(s.of.Cell), "assay.version": oneLine(p.Version), "assay.kernel": oneLine(p.Kernel), "assay.cpu": oneLine(p.CPU)}
	if s.failed != "" {
		tags["assay.error"] = limited(oneLine(s.failed))
	}
	return tags
}

// metric is a file of a metric: a line of time in milliseconds, value and step for each.
func (s storedRun) metric(x Series) []byte {
	var b strings.Builder
	for i, step := range x.Steps {
		fmt.Fprintf(&b, "%s %s %d\n", millis(s.at(step)), strconv.FormatFloat(x.Values[i], 'g', -1, 64), step)
	}
	return []byte(b.String())
}

func millis(seconds float64) string {
	if !(seconds > 0) || math.IsInf(seconds, 0) {
		return "0"
	}
	return strconv.FormatInt(int64(1000*seconds), 10)
}

// limited is a value that MLflow takes: at most 6000 bytes, and whole characters.
func limited(s string) string {
	const most = 6000
	s = quote.Terminal(s)
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}

// usedNames are the files that a run has, without upper and lower case.
type usedNames map[string]bool

// unused is a name in a folder that no other file has, of signs that MLflow allows: what it would refuse becomes a dash.
func (u usedNames) unused(folder, name string) string {
	base := folder + "/" + shortened(name)
	path := base
	for i := 2; u[strings.ToLower(path)]; i++ {
		path = fmt.Sprintf("%s-%d", base, i)
	}
	u[strings.ToLower(path)] = true
	return path
}

// shortened is a name of signs that MLflow allows, short enough for every file system.
func shortened(name string) string {
	const longest = 120
	name = tidy(name, "._- ")
	return cmp.Or(strings.Trim(name[:min(len(name), longest)], " .-"), "_")
}
