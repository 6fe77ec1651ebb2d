package analyzers

import "slices"

// buckets is how finely the share of the most frequent text is told.
const buckets = 256

// fewCounted is how many statements are listed before they are counted by bucket: most classes of a
// part of a log of many shapes have no more.
const fewCounted = 48

// heavyBuckets count statements by a part of their digest, from when not all texts are kept: no text is
// more frequent than its bucket.
type heavyBuckets struct {
	open bool // since when it counts
	few  []uint8
	all  []uint32 // in place of few, once there are too many
}

func heavyBucket(digest uint32) uint8 { return uint8(digest >> 24) }

func (h *heavyBuckets) add(bucket uint8, calls uint32) {
	if len(h.all) == 0 {
		if uint32(len(h.few))+calls <= fewCounted {
			for range calls {
				h.few = append(h.few, bucket)
			}
			return
		}
		h.count()
	}
	h.all[bucket] += calls
}

// count makes counts of the list.
func (h *heavyBuckets) count() {
	if cap(h.all) < buckets {
		h.all = make([]uint32, buckets)
	}
	h.all = h.all[:buckets]
	clear(h.all)
	for _, b := range h.few {
		h.all[b]++
	}
	h.few = h.few[:0]
}

func (h *heavyBuckets) merge(o *heavyBuckets) {
	for _, b := range o.few {
		h.add(b, 1)
	}
	if len(o.all) == 0 {
		return
	}
	if len(h.all) == 0 {
		h.count()
	}
	for i, n := range o.all {
		h.all[i] += n
	}
}

// counts returns the statements by bucket. They are not to be changed.
func (h *heavyBuckets) counts() []uint32 {
	if len(h.all) > 0 {
		return h.all
	}
	all := make([]uint32, buckets)
	for _, b := range h.few {
		all[b]++
	}
	return all
}

func (h *heavyBuckets) clone() heavyBuckets {
	return heavyBuckets{h.open, slices.Clone(h.few), slices.Clone(h.all)}
}

// emptied keeps the memory.
func (h *heavyBuckets) emptied() heavyBuckets { return heavyBuckets{false, h.few[:0], h.all[:0]} }
