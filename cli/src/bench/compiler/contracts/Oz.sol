// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC4626, IERC20} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

contract OzERC20 is ERC20 {
    constructor() ERC20("Token", "TKN") {
        _mint(msg.sender, 1e30);
    }
}

contract OzERC721 is ERC721 {
    constructor() ERC721("Things", "THG") {}

    function mint(address to, uint256 id) external {
        _safeMint(to, id);
    }
}

contract OzERC4626 is ERC4626 {
    constructor(IERC20 asset) ERC4626(asset) ERC20("Vault", "VLT") {}
}
