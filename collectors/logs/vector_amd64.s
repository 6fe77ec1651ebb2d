#include "textflag.h"

// func newlineOffsets(dst *uint32, text *byte, n int, from uint32) int
//
// Of each 64 bytes a mask has the bits of the newlines. The places of four are written whether there
// are as many or not, which costs less than a branch that nobody can foresee.
TEXT ·newlineOffsets(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ n+16(FP), BX
	MOVL from+24(FP), R8
	MOVQ DI, R9
	MOVL $0x0a0a0a0a, AX
	VMOVD AX, X0
	VPBROADCASTD X0, Y0

block:
	VMOVDQU (SI), Y1
	VMOVDQU 32(SI), Y2
	VPCMPEQB Y0, Y1, Y1
	VPCMPEQB Y0, Y2, Y2
	VPMOVMSKB Y1, AX
	VPMOVMSKB Y2, CX
	SHLQ $32, CX
	ORQ CX, AX
	POPCNTQ AX, R10

	TZCNTQ AX, DX
	ADDL R8, DX
	MOVL DX, (DI)
	BLSRQ AX, AX
	TZCNTQ AX, DX
	ADDL R8, DX
	MOVL DX, 4(DI)
	BLSRQ AX, AX
	TZCNTQ AX, DX
	ADDL R8, DX
	MOVL DX, 8(DI)
	BLSRQ AX, AX
	TZCNTQ AX, DX
	ADDL R8, DX
	MOVL DX, 12(DI)
	BLSRQ AX, AX
	JNZ more

next:
	LEAQ (DI)(R10*4), DI
	ADDQ $64, SI
	ADDL $64, R8
	SUBQ $64, BX
	JNZ block
	VZEROUPPER
	SUBQ R9, DI
	SHRQ $2, DI
	MOVQ DI, ret+32(FP)
	RET

more:
	LEAQ 16(DI), R11

one:
	TZCNTQ AX, DX
	ADDL R8, DX
	MOVL DX, (R11)
	ADDQ $4, R11
	BLSRQ AX, AX
	JNZ one
	JMP next

// func holdsOpener(text *byte, n int) bool
//
// The last 32 bytes overlap those before.
TEXT ·holdsOpener(SB), NOSPLIT, $0-17
	MOVQ text+0(FP), SI
	MOVQ n+8(FP), BX
	MOVL $0x27272727, AX
	VMOVD AX, X0
	VPBROADCASTD X0, Y0
	MOVL $0x22222222, AX
	VMOVD AX, X1
	VPBROADCASTD X1, Y1
	MOVL $0x60606060, AX
	VMOVD AX, X2
	VPBROADCASTD X2, Y2
	MOVL $0x2f2f2f2f, AX
	VMOVD AX, X3
	VPBROADCASTD X3, Y3
	LEAQ -32(SI)(BX*1), R9

part:
	VMOVDQU (SI), Y4
	VPCMPEQB Y0, Y4, Y5
	VPCMPEQB Y1, Y4, Y6
	VPOR Y5, Y6, Y5
	VPCMPEQB Y2, Y4, Y6
	VPCMPEQB Y3, Y4, Y7
	VPOR Y6, Y7, Y6
	VPOR Y5, Y6, Y5
	VPTEST Y5, Y5
	JNZ found
	CMPQ SI, R9
	JEQ none
	ADDQ $32, SI
	CMPQ SI, R9
	CMOVQHI R9, SI
	JMP part

none:
	VZEROUPPER
	MOVB $0, ret+16(FP)
	RET

found:
	VZEROUPPER
	MOVB $1, ret+16(FP)
	RET

// func quoteBits(dst *uint64, text *byte, words int)
TEXT ·quoteBits(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ words+16(FP), BX
	MOVL $0x22222222, AX
	VMOVD AX, X0
	VPBROADCASTD X0, Y0

word:
	VPCMPEQB (SI), Y0, Y1
	VPCMPEQB 32(SI), Y0, Y2
	VPMOVMSKB Y1, AX
	VPMOVMSKB Y2, CX
	SHLQ $32, CX
	ORQ CX, AX
	MOVQ AX, (DI)
	ADDQ $64, SI
	ADDQ $8, DI
	DECQ BX
	JNZ word
	VZEROUPPER
	RET
