// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Enumerable} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Enumerable.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// Deeds that those on a list may claim.
contract Deeds is ERC721Enumerable, Ownable2Step {
    using Strings for uint256;

    bytes32 public root;
    mapping(address => bool) public claimed;

    error AlreadyClaimed(address who);
    error NotListed(address who);

    constructor(address owner) ERC721("Deed", "DEED") Ownable(owner) {}

    function setRoot(bytes32 root_) external onlyOwner {
        root = root_;
    }

    function claim(bytes32[] calldata proof) external returns (uint256 id) {
        if (claimed[msg.sender]) revert AlreadyClaimed(msg.sender);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(msg.sender))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert NotListed(msg.sender);
        claimed[msg.sender] = true;
        id = totalSupply() + 1;
        _safeMint(msg.sender, id);
    }

    function tokenURI(uint256 id) public view override returns (string memory) {
        _requireOwned(id);
        return string.concat("deed/", id.toString(), ".json");
    }
}
