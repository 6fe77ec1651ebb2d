package advise

import "math"

// poolUse is how busy a pool is planned to be: Little's law gives the connections in use on average,
// and a queue grows without bound as use nears 1.
const poolUse = 0.7

// A Pool is the size of a connection pool: all its instances together.
type Pool struct {
	// Little is λ·W/0.7: statements per second times mean time, with room for bursts.
	Little float64
	// Cores is 2·cores + disks, the size beyond which more connections only queue in the server.
	// Source: HikariCP, "About Pool Sizing". 0 when the cores are not known.
	Cores float64
	// Size is the smaller of both, at least 2, never above four fifths of max_connections.
	Size float64
	// PerInstance is the share of one application instance.
	PerInstance float64
}

// A PoolInput is what a pool's size rests on. 0 stands for what is not known.
type PoolInput struct {
	Rate           float64 // statements per second at the peak
	MeanS          float64 // mean time of a statement, in seconds
	Cores, Disks   float64
	MaxConnections float64
	Instances      float64 // application processes that have a pool each
}

// PoolSize sizes a pool; ok is false without a rate and a mean time. It holds for connections that
// go back to the pool after each statement or short transaction.
func PoolSize(in PoolInput) (p Pool, ok bool) {
	if in.Rate <= 0 || in.MeanS <= 0 {
		return p, false
	}
	p.Little = in.Rate * in.MeanS / poolUse
	p.Size = p.Little
	if in.Cores > 0 {
		p.Cores = 2*in.Cores + max(in.Disks, 1)
		p.Size = min(p.Size, p.Cores)
	}
	p.Size = math.Ceil(max(p.Size, 2))
	if in.MaxConnections > 0 {
		p.Size = max(min(p.Size, math.Floor(0.8*in.MaxConnections)), 1)
	}
	p.PerInstance = math.Ceil(p.Size / max(in.Instances, 1))
	return p, true
}
