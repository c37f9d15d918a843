package listing

import (
	"context"
	"os"
	"path"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// member is one entry of an archive.
type member struct {
	name string
	link string // what a symbolic or hard link points to, as a path from the archive's root; "" for a file
	dir  bool
	read func() ([]byte, error)
}

// members collects an archive's entries. Of one name the last counts.
type members struct {
	list  *List
	order []string
	of    map[string]member
	holds map[string]bool // folders that have an image somewhere below them; nil until it is asked for
}

func newMembers(l *List) *members { return &members{list: l, of: map[string]member{}} }

// put takes in an entry. Names that leave the archive's root are bad files: nothing is unpacked, but such an archive is not to be trusted in silence.
func (m *members) put(e member) {
	if len(e.name) > maxPath || len(e.link) > maxPath {
		m.list.add(e.name[:min(len(e.name), 60)], fault.Of(ErrPlace, "%.60q...: a path of %d bytes, at most %d are read", e.name, max(len(e.name), len(e.link)), maxPath), nil)
		return
	}
	clean := strings.TrimPrefix(e.name, "./")
	if strings.HasPrefix(e.name, "/") || strings.Contains(e.name, `\`) || path.Clean("/"+clean) != "/"+strings.TrimSuffix(clean, "/") {
		if e.dir && (clean == "" || clean == ".") {
			return // the root itself
		}
		m.list.add(clean, fault.Of(ErrPlace, "%s: the name leads out of the archive", e.name), nil)
		return
	}
	e.name = strings.TrimSuffix(clean, "/")
	if _, again := m.of[e.name]; again {
		if !e.dir {
			m.list.leave(e.name, Twice)
		}
	} else {
		m.order = append(m.order, e.name)
	}
	m.of[e.name] = e
}

// maxPath bounds a name, as systems do. A header has room for a megabyte of folders.
const maxPath = 4096

// maxHops bounds a chain of links, as systems do.
const maxHops = 40

// resolve follows a name through links, also of the folders on its way, to a file's or a folder's own name.
func (m *members) resolve(name string) (string, bool) {
	for range maxHops {
		next := name
		for at := 0; at <= len(name); at++ { // the first part of the path that is a link
			if at < len(name) && name[at] != '/' {
				continue
			}
			if e, ok := m.of[name[:at]]; ok && e.link != "" {
				next = path.Join(e.link, name[at:])
				break
			}
		}
		if next == name {
			return name, true
		}
		if name = next; name == ".." || strings.HasPrefix(name, "../") || strings.HasPrefix(name, "/") {
			return "", false
		}
	}
	return "", false
}

// files hands all entries to the list. A link to a file counts as that file under the link's name.
func (m *members) files() {
	for _, name := range m.order {
		e := m.of[name]
		switch {
		case e.dir:
		case e.link == "":
			m.list.add(name, nil, e.read)
		default:
			m.follow(name)
		}
	}
}

// follow lists a link. One that leads out of the archive, or to a folder, is a bad file where images may be behind it.
func (m *members) follow(name string) {
	to, ok := m.resolve(name)
	if e, there := m.of[to]; ok && there && !e.dir {
		m.list.add(name, nil, e.read)
		return
	}
	if Litter(name) || imaging.KindOfName(name) == imaging.NoImage && !m.holdsImages(to) {
		m.list.add(name, nil, nil)
		return
	}
	m.list.Files = append(m.list.Files, File{Name: name, Bad: fault.Of(ErrPlace, "%s: a link to what is no file of the archive: pack the files themselves (the dereference option of tar; zip without y)", name)})
}

func (m *members) holdsImages(folder string) bool {
	if m.holds == nil {
		m.holds = map[string]bool{}
		for _, name := range m.order {
			if imaging.KindOfName(name) == imaging.NoImage || Litter(name) {
				continue
			}
			for at := strings.LastIndexByte(name, '/'); at > 0 && !m.holds[name[:at]]; at = strings.LastIndexByte(name[:at], '/') {
				m.holds[name[:at]] = true
			}
		}
	}
	return m.holds[folder]
}

// linkTarget is a link's goal as a path from the root of the archive.
func linkTarget(name, to string) string {
	if strings.HasPrefix(to, "/") {
		return to
	}
	return path.Join(path.Dir(strings.TrimPrefix(name, "./")), to)
}

// openArchive opens a file that stays open until the list is closed.
func (l *List) openArchive(file string) (*os.File, error) {
	f, _, err := inputfile.Open(file)
	if err != nil {
		return nil, err
	}
	l.close = append(l.close, f.Close)
	return f, nil
}

// closing ends a list that could not be made.
func (l *List) closing(ctx context.Context, labels map[string]int, err error) (*List, error) {
	if err == nil {
		err = l.finish(ctx, labels)
	}
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}
