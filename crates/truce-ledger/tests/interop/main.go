// Command main judges a Truce log with Go's own implementation of signed notes and transparency
// logs (golang.org/x/mod/sumdb/{note,tlog}); not one line of Truce takes part.
//
// It reads a JSON file of cases, verifies every checkpoint's signature, rebuilds every root from
// the tiles in a folder or at an http:// address, proves every named entry from the tiles, and checks the proofs that Truce
// made. It prints what it did, and exits with 1 at the first thing that does not hold.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type cases struct {
	Dir         string
	Key         string
	Origin      string
	Notes       []string
	Inclusion   []inclusion
	Consistency []consistency
}

type inclusion struct {
	Note   int
	Index  int64
	Hashes []string
}

type consistency struct {
	Old    int
	New    int
	Hashes []string
}

func main() {
	var c cases
	data, err := os.ReadFile(os.Args[1])
	check(err, "read the cases")
	check(json.Unmarshal(data, &c), "parse the cases")
	verifier, err := note.NewVerifier(c.Key)
	check(err, "read the verifier key")

	var trees []tlog.Tree
	for i, text := range c.Notes {
		trees = append(trees, openTree(text, c.Origin, verifier, fmt.Sprintf("note %d", i)))
	}
	published, err := read(c.Dir, "checkpoint")
	check(err, "read the published checkpoint")
	openTree(string(published), c.Origin, verifier, "the published checkpoint")

	for _, tree := range trees {
		if tree.N > 0 {
			root, err := tlog.TreeHash(tree.N, reader(c.Dir, tree))
			check(err, fmt.Sprintf("hash the tree of size %d", tree.N))
			if root != tree.Hash {
				fail("size %d: the tiles hash to another root", tree.N)
			}
		}
	}
	for _, p := range c.Inclusion {
		tree := trees[p.Note]
		leaf := tlog.RecordHash(entry(c.Dir, tree, p.Index))
		what := fmt.Sprintf("entry %d in size %d", p.Index, tree.N)
		ours := hashes(p.Hashes)
		check(tlog.CheckRecord(ours, tree.N, tree.Hash, p.Index, leaf), what)
		theirs, err := tlog.ProveRecord(tree.N, p.Index, reader(c.Dir, tree))
		check(err, "prove "+what)
		same(ours, theirs, what)
	}
	for _, p := range c.Consistency {
		old, new := trees[p.Old], trees[p.New]
		what := fmt.Sprintf("size %d in size %d", old.N, new.N)
		ours := hashes(p.Hashes)
		check(tlog.CheckTree(ours, new.N, new.Hash, old.N, old.Hash), what)
		theirs, err := tlog.ProveTree(new.N, old.N, reader(c.Dir, new))
		check(err, "prove "+what)
		same(ours, theirs, what)
	}
	fmt.Printf("notes %d inclusion %d consistency %d\n",
		len(c.Notes)+1, len(c.Inclusion), len(c.Consistency))
}

// openTree verifies a checkpoint and parses its body, which is not Go's own format.
func openTree(text, origin string, verifier note.Verifier, what string) tlog.Tree {
	n, err := note.Open([]byte(text), note.VerifierList(verifier))
	check(err, what)
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		fail("%s: unexpected text %q", what, n.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, what)
	root, err := tlog.ParseHash(lines[2])
	check(err, what)
	return tlog.Tree{N: size, Hash: root}
}

// diskTiles reads hash tiles in the layout of C2SP tlog-tiles, which has no height in its paths.
type diskTiles struct{ dir string }

func (d diskTiles) Height() int                         { return 8 }
func (d diskTiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (d diskTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := read(d.dir, path)
		if err != nil && tile.W < 256 {
			full := tile
			full.W = 256
			path = strings.Replace(full.Path(), "tile/8/", "tile/", 1)
			data, err = read(d.dir, path)
			if err == nil {
				data = data[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// read gives a file of the log, from a folder or from whatever serves it.
func read(place, path string) ([]byte, error) {
	if !strings.HasPrefix(place, "http://") {
		return os.ReadFile(filepath.Join(place, path))
	}
	answer, err := http.Get(place + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func reader(dir string, tree tlog.Tree) tlog.HashReader {
	return tlog.TileHashReader(tree, diskTiles{dir})
}

// entry takes one entry out of its bundle.
func entry(dir string, tree tlog.Tree, index int64) []byte {
	tile := tlog.Tile{H: 8, L: 0, N: index / 256, W: 256}
	if rest := tree.N - tile.N*256; rest < 256 {
		tile.W = int(rest)
	}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := read(dir, path)
	if err != nil && tile.W < 256 {
		tile.W = 256
		path = strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data, err = read(dir, path)
	}
	check(err, "read a bundle")
	for i := int64(0); ; i++ {
		if len(data) < 2 {
			fail("bundle %s is cut", path)
		}
		length := int(binary.BigEndian.Uint16(data))
		if i == index%256 {
			return data[2 : 2+length]
		}
		data = data[2+length:]
	}
}

func hashes(texts []string) []tlog.Hash {
	all := []tlog.Hash{}
	for _, text := range texts {
		data, err := base64.StdEncoding.DecodeString(text)
		check(err, "decode a hash")
		var hash tlog.Hash
		if copy(hash[:], data) != tlog.HashSize || len(data) != tlog.HashSize {
			fail("a hash has %d bytes", len(data))
		}
		all = append(all, hash)
	}
	return all
}

func same(ours, theirs []tlog.Hash, what string) {
	if len(ours) != len(theirs) {
		fail("%s: %d hashes, Go has %d", what, len(ours), len(theirs))
	}
	for i := range ours {
		if ours[i] != theirs[i] {
			fail("%s: hash %d differs from Go's", what, i)
		}
	}
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
