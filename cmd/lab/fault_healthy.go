package main

var healthyModerate = Fault{Name: "healthy-moderate", Label: Label{Layer: "none"}}

var healthyQuiet = Fault{
	Name:  "healthy-quiet",
	Label: Label{Layer: "none"},
	World: func(w *World) { w.Rate /= 4 },
}

var healthyBusy = Fault{
	Name:  "healthy-busy",
	Label: Label{Layer: "none"},
	World: func(w *World) { w.Rate *= 2.5 },
}
